package testing;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A version of the MLflow server and how it is set up. Tests that take a kind run once, on {@link
 * #USUAL}; under {@code mvn verify -Pserver-versions} they run on each of those that
 * docs/mlflow-servers.md lists.
 *
 * @param version whose lock lies in {@code src/test/resources/servers}
 */
public record ServerKind(String version, Set<Option> options) {

  /** The ways in which a server differs from one on SQLite that lets everybody in. */
  public enum Option {
    POSTGRESQL("PostgreSQL"),
    BASIC_AUTH("basic-auth"),
    STATIC_PREFIX("static prefix"),
    WORKSPACES("workspaces");

    private final String text;

    Option(String text) {
      this.text = text;
    }
  }

  /** The launcher's server. */
  public static final ServerKind USUAL = of("3.17.2");

  private static final List<String> VERSIONS = List.of("2.22.5", "3.8.1", "3.12.0", "3.17.2");

  public ServerKind {
    options = Set.copyOf(options);
  }

  private static ServerKind of(String version, Option... options) {
    return new ServerKind(version, Set.of(options));
  }

  /** What tests of the wire run on. */
  public static Stream<ServerKind> each() {
    return all() ? listed().stream() : Stream.of(USUAL);
  }

  /** What tests with Spark run on: each version, set up as the launcher does. */
  public static Stream<ServerKind> eachVersion() {
    return all() ? VERSIONS.stream().map(ServerKind::of) : Stream.of(USUAL);
  }

  /** What the load runs on. */
  public static Stream<ServerKind> eachStore() {
    return Stream.of(USUAL, of(USUAL.version(), Option.POSTGRESQL));
  }

  private static boolean all() {
    return Boolean.getBoolean("server.versions");
  }

  /** All kinds of the profile. */
  public static List<ServerKind> listed() {
    return Stream.concat(
            VERSIONS.stream()
                .flatMap(
                    version ->
                        Stream.of(
                            of(version),
                            of(version, Option.STATIC_PREFIX),
                            of(version, Option.POSTGRESQL, Option.BASIC_AUTH))),
            // MLflow has them from 3.10 on
            Stream.of(
                of("3.12.0", Option.WORKSPACES),
                of("3.17.2", Option.WORKSPACES),
                of("3.17.2", Option.POSTGRESQL, Option.BASIC_AUTH, Option.WORKSPACES)))
        .toList();
  }

  /** Before MLflow 3.12 the prefix was for pages only. */
  boolean hasApiUnderPrefix() {
    return !List.of("2.22.5", "3.8.1").contains(version);
  }

  boolean has(Option option) {
    return options.contains(option);
  }

  /** Such as {@code 3.8.1 | SQLite, basic-auth}, a cell of that page's table. */
  @Override
  public String toString() {
    Stream<String> store = has(Option.POSTGRESQL) ? Stream.of() : Stream.of("SQLite");
    Stream<String> others =
        Arrays.stream(Option.values()).filter(this::has).map(option -> option.text);
    return version + " | " + Stream.concat(store, others).collect(Collectors.joining(", "));
  }
}
