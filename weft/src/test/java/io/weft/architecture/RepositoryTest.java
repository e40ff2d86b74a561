package io.weft.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the sources of each module must have beside their code. */
class RepositoryTest {
  private static final Pattern PROVIDES =
      Pattern.compile("provides\\s+([\\w.]+)\\s+with\\s+([^;]+);");
  private static final Pattern EXPORTS = Pattern.compile("exports\\s+([\\w.]+)\\s*;");
  private static final Pattern TRAINS = Pattern.compile("\\.(fit|trainOnBatch)\\(");
  private static final int LONGEST = 500;

  /** The facade of all ops, and the contract that every layer inherits: mostly Javadoc. */
  private static final Set<String> LONG = Set.of("Ops.java", "Layer.java");

  @Test
  void everyPackageLivesInOneModule() {
    assertThat(SourceTree.packages()).allSatisfy((name, modules) -> assertThat(modules).hasSize(1));
  }

  @Test
  void everyPackageSaysWhatItIsFor() {
    List<Path> silent = new ArrayList<>();
    for (Path main : SourceTree.mainFolders()) {
      SourceTree.javaFiles(main).stream()
          .map(Path::getParent)
          .distinct()
          .filter(folder -> !folder.equals(main))
          .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
          .forEach(silent::add);
    }
    assertThat(silent).isEmpty();
  }

  @Test
  void filesAreShort() {
    List<String> tooLong = new ArrayList<>();
    for (Path main : SourceTree.mainFolders()) {
      for (Path file : SourceTree.javaFiles(main)) {
        long lines = SourceTree.read(file).lines().count();
        if (lines > LONGEST && !LONG.contains(file.getFileName().toString())) {
          tooLong.add(main.relativize(file) + ": " + lines);
        }
      }
    }
    assertThat(tooLong).isEmpty();
  }

  /** A test that trains draws the same weights each time, or it fails once in a while. */
  @Test
  void trainingTestsAreSeeded() {
    List<Path> unseeded = new ArrayList<>();
    for (Path main : SourceTree.mainFolders()) {
      Path tests = main.resolveSibling("../test/java").normalize();
      for (Path file : Files.exists(tests) ? SourceTree.javaFiles(tests) : List.<Path>of()) {
        String source = SourceTree.read(file);
        if (TRAINS.matcher(source).find() && !source.contains("Seeds.set(")) {
          unseeded.add(file);
        }
      }
    }
    assertThat(unseeded).isEmpty();
  }

  /** The class path reads META-INF/services, the module path reads module-info: they must agree. */
  @Test
  void servicesAreNamedTwiceAndAlike() throws IOException {
    for (Path main : SourceTree.mainFolders()) {
      Path descriptor = main.resolve("module-info.java");
      if (Files.exists(descriptor)) {
        assertThat(declaredServices(main.resolveSibling("resources/META-INF/services")))
            .as(SourceTree.moduleOf(main))
            .isEqualTo(providedServices(SourceTree.read(descriptor)));
      }
    }
  }

  @Test
  void modulesExportTheirPublicPackages() {
    Set<String> open = Set.of("api", "layers", "models");
    for (Path main : SourceTree.mainFolders()) {
      String module = SourceTree.moduleOf(main);
      if (open.contains(module)) {
        List<String> exported =
            EXPORTS
                .matcher(SourceTree.read(main.resolve("module-info.java")))
                .results()
                .map(m -> m.group(1))
                .sorted()
                .toList();
        assertThat(exported)
            .as(module)
            .isEqualTo(
                SourceTree.packages().entrySet().stream()
                    .filter(e -> e.getValue().contains(module))
                    .map(Map.Entry::getKey)
                    .filter(name -> !name.contains(".internal"))
                    .toList());
      }
    }
  }

  private static Map<String, List<String>> providedServices(String moduleInfo) {
    Map<String, List<String>> services = new TreeMap<>();
    PROVIDES
        .matcher(moduleInfo)
        .results()
        .forEach(
            m ->
                services.put(
                    m.group(1),
                    Arrays.stream(m.group(2).split(",")).map(String::strip).sorted().toList()));
    return services;
  }

  private static Map<String, List<String>> declaredServices(Path folder) throws IOException {
    Map<String, List<String>> services = new TreeMap<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          services.put(
              file.getFileName().toString().replace('$', '.'),
              Files.readAllLines(file).stream()
                  .map(line -> line.replaceAll("#.*", "").strip())
                  .filter(line -> !line.isEmpty())
                  .sorted()
                  .toList());
        }
      }
    }
    return services;
  }
}
