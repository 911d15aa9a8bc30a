"""Checks a request to MLflow's scoring server against the model's signature, as strictly as `mlflow.pyfunc` does.

MLflow's server converts values before it checks them: "9.4" and true become numbers, and of two columns with one name only one
counts. Here they are refused. A refused value is named with its column and row, counted from 1.
"""

import asyncio
import csv
import io
import json
import re
import sys

FORMATS = {"dataframe_records", "dataframe_split", "instances", "inputs"}
# the types of a signature that JSON has too: what JSON gives, in words, and what makes it of a CSV cell. MLflow checks the others.
KINDS = {
    "double": ({int, float}, "a number", float),
    "float": ({int, float}, "a number", float),
    "long": ({int}, "a whole number", int),
    "integer": ({int}, "a whole number", int),
    "string": ({str}, "a text", str),
    "boolean": ({bool}, "true or false", bool),
}


class Fault(Exception):
    """What is wrong with a request, for people."""


def add_to(app, schema):
    """Adds the check to MLflow's application. `schema` is that of the model's inputs; without named columns nothing is checked."""
    from fastapi.responses import JSONResponse, Response

    columns = schema.input_dict() if schema and schema.has_input_names() and not schema.is_tensor_spec() else {}

    @app.middleware("http")
    async def check(request, call_next):
        if request.url.path != "/invocations" or not columns:
            return await call_next(request)
        body = await request.body()
        answer = await call_next(request)
        content = b"".join([part async for part in answer.body_iterator])
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        fault = await asyncio.to_thread(fault_of, kind, body, columns, answer.status_code != 200)
        if fault is None and answer.status_code != 400:
            return Response(content, answer.status_code, media_type=answer.headers.get("content-type"))
        said = json.loads(content) if answer.status_code == 400 else {}
        # the last line has the reason; the others are for MLflow's developers
        reason = said.pop("stack_trace", "").strip().rpartition("\n")[2]
        message = fault or level_fault(reason) or "\n".join(filter(None, (said.get("message"), reason)))
        return JSONResponse({"error_code": "BAD_REQUEST", **said, "message": message}, 400)


def level_fault(reason):
    """What ONNX Runtime means if it stops at the node that refuses an unknown level, or None."""
    node = re.search(r"Name:'refuse_unknown_level_of_(.*)' Status", reason)
    return node and f'column "{node[1]}" has a value that is missing or no level of the model; blanks around a text and its case count here'


def fault_of(kind, body, columns, refused):
    """What is wrong with the first wrong value, or None. If MLflow `refused` the request, it may also be missing or infinite."""
    try:
        if kind == "application/json":
            table = table_of_json(body, columns)
        elif kind == "text/csv":
            table = table_of_csv(body, columns, refused)
        else:
            return None
        for name, values in table.items():
            require_kind(name, values, columns[name])
        if refused:
            for name, column in columns.items():
                if name not in table and not column.required:  # MLflow passes it on, and ONNX needs all
                    raise Fault(f'the column "{name}" is missing; give null for a missing value')
            for name, values in table.items():
                require_value(name, values, columns[name])
    except Fault as fault:
        return str(fault)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, csv.Error):
        pass  # not a table: MLflow says so in its own words
    return None


def table_of_json(body, columns):
    def once(pairs):
        require_once([name for name, _ in pairs])
        return dict(pairs)

    request = json.loads(body, object_pairs_hook=once)
    (form,) = FORMATS & request.keys()
    data = request[form]
    if data in ([], {}):
        raise Fault("the request has no rows")
    if form == "dataframe_split":
        require_once(data["columns"])
        return {name: [row[at] for row in data["data"]] for at, name in enumerate(data["columns"]) if name in columns}
    if isinstance(data, dict):
        return {name: values if isinstance(values, list) else [values] for name, values in data.items() if name in columns}
    return {name: [row.get(name) for row in data] for name in columns if any(name in row for row in data)}


def table_of_csv(body, columns, refused):
    lines = csv.reader(io.StringIO(body.decode("utf-8"), newline=""))
    names = next(lines, [])
    require_once(names)
    if not refused:
        return {}  # pandas takes only numbers as numbers
    rows = [row for row in lines if row]
    return {name: [cell(row[at], columns[name]) for row in rows] for at, name in enumerate(names) if name in columns}


def cell(text, column):
    try:
        return kind_of(column)[2](text) if text else None
    except ValueError:
        return text


def kind_of(column):
    return KINDS.get(getattr(column.type, "name", ""), (set(), "", str))


def require_once(names):
    for at, name in enumerate(names):
        if name in names[:at]:
            raise Fault(f'the column "{name}" is there twice; give it once')


def require_kind(name, values, column):
    types, kind, _ = kind_of(column)
    wrong = set(map(type, values)) - types - {type(None)} if types else set()
    if wrong:
        row, value = next((row, value) for row, value in enumerate(values, 1) if type(value) in wrong)
        raise Fault(f'column "{name}", row {row}: {shown(value)} is not {kind}')


def require_value(name, values, column):
    for row, value in enumerate(values, 1):
        if value is None and column.required:
            raise Fault(f'column "{name}", row {row}: the value is missing')
        if isinstance(value, (int, float)) and not abs(value) <= sys.float_info.max:
            raise Fault(f'column "{name}", row {row}: {shown(value)} is not a finite number')


def shown(value):
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:60] + "..."
