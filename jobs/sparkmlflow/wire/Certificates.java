package sparkmlflow.wire;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import sparkmlflow.MlflowException;
import sparkmlflow.SecretFile;

/** Certificates and keys in PEM files (RFC 7468) for TLS. */
final class Certificates {

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----([^-]+)-----END");
  private static final char[] NO_PASSWORD = {};

  private Certificates() {}

  /**
   * A TLS context, or empty if all is the JVM's default.
   *
   * @param trusted file of authorities; blank: the JVM's
   * @param client file of this side's certificate and key; blank: none
   * @param insecure whether every server is trusted
   */
  static Optional<SSLContext> context(String trusted, String client, boolean insecure) {
    if (trusted.isEmpty() && client.isEmpty() && !insecure) {
      return Optional.empty();
    }
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          client.isEmpty() ? null : own(client),
          insecure ? new TrustManager[] {new Anyone()} : trusted.isEmpty() ? null : only(trusted),
          null);
      return Optional.of(context);
    } catch (GeneralSecurityException e) {
      throw MlflowException.refused("set up TLS", e.getMessage() + ".", e);
    }
  }

  private static TrustManager[] only(String file) {
    String operation = "read the authorities to trust";
    List<? extends Certificate> authorities = certificates(operation, file);
    try {
      KeyStore store = empty();
      for (int i = 0; i < authorities.size(); i++) {
        store.setCertificateEntry("authority " + i, authorities.get(i));
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (GeneralSecurityException | IOException e) {
      throw unusable(operation, file, e);
    }
  }

  private static KeyManager[] own(String file) {
    String operation = "read the client certificate";
    SecretFile.warnIfShared(Path.of(file));
    List<? extends Certificate> chain = certificates(operation, file);
    Matcher found = KEY.matcher(text(operation, file));
    if (!found.find() || !found.group(1).isEmpty()) {
      throw MlflowException.refused(
          operation,
          "%s must have both the certificate and its private key, the key between BEGIN PRIVATE KEY and END PRIVATE KEY (PKCS#8, not encrypted). `openssl pkcs8 -topk8 -nodes -in key.pem` converts other forms."
              .formatted(file));
    }
    try {
      PrivateKey key = privateKey(Base64.getMimeDecoder().decode(found.group(2)));
      KeyStore store = empty();
      store.setKeyEntry("client", key, NO_PASSWORD, chain.toArray(Certificate[]::new));
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, NO_PASSWORD);
      return factory.getKeyManagers();
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw unusable(operation, file, e);
    }
  }

  private static PrivateKey privateKey(byte[] encoded) throws GeneralSecurityException {
    for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (InvalidKeySpecException e) {
        // a key of another algorithm
      }
    }
    throw new InvalidKeySpecException("its private key is neither RSA, EC nor EdDSA");
  }

  private static List<? extends Certificate> certificates(String operation, String file) {
    byte[] bytes = onlyCertificates(text(operation, file)).getBytes(StandardCharsets.US_ASCII);
    try {
      List<? extends Certificate> certificates =
          List.copyOf(
              CertificateFactory.getInstance("X.509")
                  .generateCertificates(new ByteArrayInputStream(bytes)));
      if (certificates.isEmpty()) {
        throw MlflowException.refused(
            operation, file + " has no certificate; it must have PEM blocks BEGIN CERTIFICATE.");
      }
      return certificates;
    } catch (GeneralSecurityException e) {
      throw unusable(operation, file, e);
    }
  }

  /** Java's reader takes no other blocks and no text between them, which bundles have. */
  private static String onlyCertificates(String pem) {
    Matcher blocks =
        Pattern.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----").matcher(pem);
    StringBuilder only = new StringBuilder();
    while (blocks.find()) {
      only.append(blocks.group()).append('\n');
    }
    return only.toString();
  }

  private static String text(String operation, String file) {
    try {
      return new String(Files.readAllBytes(Path.of(file)), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw MlflowException.refused(operation, "%s cannot be read (%s).".formatted(file, e), e);
    }
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static MlflowException unusable(String operation, String file, Exception e) {
    return MlflowException.refused(
        operation, "%s cannot be used: %s.".formatted(file, e.getMessage()), e);
  }

  /** Trusts any certificate under any name; only this type is not asked for the name as well. */
  private static final class Anyone extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket) {}

    @Override
    public void checkClientTrusted(
        X509Certificate[] chain, String type, @Nullable SSLEngine engine) {}

    @Override
    public void checkServerTrusted(
        X509Certificate[] chain, String type, @Nullable SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
