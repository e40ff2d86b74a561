package io.weft.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The sources of all modules as they lie in the repository. */
final class SourceTree {
  private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

  private SourceTree() {}

  /** Folders of the modules that the parent lists, each with its {@code src/main/java}. */
  static List<Path> mainFolders() {
    Path root = Path.of("").toAbsolutePath().getParent();
    return MODULE
        .matcher(read(root.resolve("pom.xml")))
        .results()
        .map(m -> root.resolve(m.group(1)).resolve("src/main/java"))
        .filter(Files::isDirectory)
        .toList();
  }

  /** The module folder that a {@code src/main/java} belongs to, as {@code "api"}. */
  static String moduleOf(Path mainFolder) {
    return mainFolder.getParent().getParent().getParent().getFileName().toString();
  }

  /** Package name → modules that have Java files in it, apart from the module descriptors. */
  static Map<String, List<String>> packages() {
    Map<String, List<String>> owners = new TreeMap<>();
    for (Path main : mainFolders()) {
      var here = new TreeSet<String>();
      for (Path file : javaFiles(main)) {
        if (!file.getParent().equals(main)) {
          here.add(
              main.relativize(file.getParent()).toString().replace('/', '.').replace('\\', '.'));
        }
      }
      here.forEach(p -> owners.computeIfAbsent(p, k -> new ArrayList<>()).add(moduleOf(main)));
    }
    return owners;
  }

  static List<Path> javaFiles(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(f -> f.toString().endsWith(".java")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
