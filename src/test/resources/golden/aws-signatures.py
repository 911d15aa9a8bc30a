"""Signs addresses with botocore: python aws-signatures.py > aws-signatures.json (botocore 1.44.8, Python 3.11)."""

import datetime
import json
import unittest.mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

LOGIN = ("ASIAEXAMPLE", "secret/that+is/none", "session/token+of==none&more")
CASES = [
    ("GET", "https://s3.eu-central-1.amazonaws.com/wine.models/a/b", "eu-central-1", {}),
    ("PUT", "https://s3.us-east-1.amazonaws.com/models/a%20b%25/%C3%A4~_-.%2A%2B%3D", "us-east-1", {}),
    (
        "PUT",
        "https://s3.us-east-1.amazonaws.com/models/MLmodel",
        "us-east-1",
        {
            "x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:us-east-1:1:key/2",
        },
    ),
    (
        "GET",
        "https://s3.eu-west-3.amazonaws.com/models/?list-type=2&prefix=a%2Fb%20c%2F&continuation-token=1%2B2%3D",
        "eu-west-3",
        {},
    ),
    ("GET", "http://127.0.0.1:9000/models/MLmodel", "auto", {}),
]
NOW = datetime.datetime(2026, 11, 27, 8, 9, 10, tzinfo=datetime.timezone.utc)


def signed(method, url, region, headers):
    request = AWSRequest(method=method, url=url, headers=headers)
    credentials = Credentials(*LOGIN)
    with unittest.mock.patch("botocore.auth.get_current_datetime", return_value=NOW):
        botocore.auth.S3SigV4QueryAuth(credentials, "s3", region, expires=900).add_auth(request)
    return request.url


cases = [
    {
        "method": method,
        "address": url,
        "region": region,
        "headers": headers,
        "login": LOGIN,
        "signed": signed(method, url, region, dict(headers)),
    }
    for method, url, region, headers in CASES
]
print(json.dumps({"now": NOW.isoformat(), "cases": cases}, indent=1))
