package io.weft.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.ModelFormatException;
import io.weft.format.LoadOptions;
import io.weft.format.ModelFiles;
import io.weft.format.SavedModel;
import io.weft.serialization.hdf5.GroupBuilder;
import io.weft.serialization.hdf5.Hdf5Writer;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormatsTest {
  @TempDir Path folder;

  private static Thing model(float... kernel) {
    Thing dense = new Thing("dense", "first", Thing.variable("kernel", kernel));
    Thing lookup = new Thing("string_lookup", "words");
    return new Thing("sequential", "m")
        .with("layers", List.of(dense, lookup))
        .with("optimizer", new Thing("adam", "adam", Thing.variable("momentum", kernel)));
  }

  private static Variable kernel(Thing model) {
    return ((Thing) ((List<?>) model.savedChildren().get("layers")).get(0)).savedVariables().get(0);
  }

  private static void load(Path file, Thing model) {
    try (SavedModel saved = ModelFiles.open(file)) {
      saved.load(model, LoadOptions.STRICT);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"m.keras", "m.weights.h5", "folder"})
  void stateComesBack(String name) throws IOException {
    Path file = folder.resolve(name);
    if (name.equals("folder")) {
      Files.createDirectory(file);
    }
    Thing saved = model(1, 2, 3);
    ((Thing) ((List<?>) saved.savedChildren().get("layers")).get(1))
        .assets(Map.of("vocabulary.txt", "a\nb".getBytes()));
    ModelFiles.write(file, saved);
    Thing model = model(0, 0, 0);
    load(file, model);
    assertThat(kernel(model).concrete().toFloatArray()).containsExactly(1, 2, 3);
    Thing lookup = (Thing) ((List<?>) model.savedChildren().get("layers")).get(1);
    if (!name.equals("m.weights.h5")) {
      assertThat(lookup.saveAssets().get("vocabulary.txt")).isEqualTo("a\nb".getBytes());
      try (SavedModel s = ModelFiles.open(file)) {
        assertThat(s.config()).isEqualTo(saved.serialized());
        assertThat(s.kerasVersion()).isEqualTo("3.15.1");
      }
    }
  }

  @Test
  void allProblemsAreReportedTogetherAndNothingChanges() {
    Path file = folder.resolve("m.weights.h5");
    GroupBuilder root = new GroupBuilder();
    root.dataset("layers/dense/vars/0", HostArray.zeros(DType.FLOAT32, Shape.of(4)));
    root.dataset("layers/dense/vars/1", HostArray.zeros(DType.FLOAT32, Shape.of(1)));
    Hdf5Writer.write(file, root);
    Thing other = new Thing("dense", "second", Thing.variable("bias", 5));
    Thing model = new Thing("sequential", "m");
    Thing first = new Thing("dense", "first", Thing.variable("kernel", 7, 8));
    model.with("layers", List.of(first, other));
    assertThatThrownBy(() -> load(file, model))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("3 places do not fit")
        .hasMessageContaining("vars/0 (kernel): expected float32(2,). Received: float32(4,)")
        .hasMessageContaining("also vars/1")
        .hasMessageContaining("layers/dense_1 (second): vars/0 (bias)");
    assertThat(first.savedVariables().get(0).concrete().toFloatArray()).containsExactly(7, 8);
    try (SavedModel saved = ModelFiles.open(file)) {
      List<String> notes = saved.load(model, LoadOptions.STRICT.withSkipMismatch(true));
      assertThat(notes).hasSize(3);
    }
  }

  @Test
  void otherWritersSpellingsAreFound() {
    Path file = folder.resolve("m.weights.h5");
    GroupBuilder root = new GroupBuilder();
    HostArray a = new HostArray(DType.FLOAT32, Shape.of(2), new float[] {1, 2});
    root.dataset("_layer_checkpoint_dependencies/attention/_query_dense/vars/0", a);
    root.dataset("_layer_checkpoint_dependencies\\dense/vars/0", a);
    Hdf5Writer.write(file, root);
    Thing query = new Thing("einsum_dense", "query", Thing.variable("kernel", 0, 0));
    Thing dense = new Thing("dense", "d", Thing.variable("kernel", 0, 0));
    Thing attention = new Thing("attention", "a").with("query_dense", query);
    load(file, new Thing("functional", "m").with("layers", List.of(attention, dense)));
    assertThat(query.savedVariables().get(0).concrete().toFloatArray()).containsExactly(1, 2);
    assertThat(dense.savedVariables().get(0).concrete().toFloatArray()).containsExactly(1, 2);
    assertThat(dense.isLoaded()).isTrue();
  }

  @Test
  void layersThatKeras212CountsTwiceAreFound() {
    Path file = folder.resolve("m.weights.h5");
    GroupBuilder root = new GroupBuilder();
    for (int i = 0; i < 12; i++) {
      String name = "_layer_checkpoint_dependencies/dense" + (i == 0 ? "" : "_" + 2 * i);
      root.dataset(name + "/vars/0", new HostArray(DType.FLOAT32, Shape.of(1), new float[] {i}));
    }
    Hdf5Writer.write(file, root);
    List<Thing> layers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      layers.add(new Thing("dense", "d" + i, Thing.variable("kernel", -1)));
    }
    load(file, new Thing("sequential", "m").with("layers", layers));
    for (int i = 0; i < 12; i++) {
      assertThat(layers.get(i).savedVariables().get(0).concrete().toFloatArray())
          .containsExactly(i);
    }
  }

  @Test
  void anOptimizerOfKerasTwoIsMatchedByRole() {
    Path file = folder.resolve("m.weights.h5");
    GroupBuilder root = new GroupBuilder();
    HostArray step = new HostArray(DType.INT64, Shape.SCALAR, new long[] {7});
    HostArray m = new HostArray(DType.FLOAT32, Shape.of(2), new float[] {1, 2});
    root.dataset("optimizer/vars/0", step);
    root.dataset("optimizer/vars/1", m);
    Hdf5Writer.write(file, root);
    Variable iteration = new Variable("iteration", Tensor.scalar(0L), false);
    Variable rate = new Variable("learning_rate", Tensor.scalar(0.5f), false);
    Variable momentum = Thing.variable("momentum", 0, 0);
    Thing optimizer = new Thing("adam", "adam", iteration, rate, momentum);
    load(file, new Thing("sequential", "m").with("optimizer", optimizer));
    assertThat(iteration.concrete().toLongArray()).containsExactly(7);
    assertThat(rate.concrete().toFloatArray()).containsExactly(0.5f);
    assertThat(momentum.concrete().toFloatArray()).containsExactly(1, 2);
  }

  @Test
  void shardsMustBeFilesBesideTheIndex() throws IOException {
    Path index = folder.resolve("m.weights.json");
    for (String name : new String[] {"../x.h5", "/etc/passwd", "a/b.h5", "..", ""}) {
      Files.writeString(index, "{\"weight_map\": {\"/vars\": [\"" + name + "\"]}}");
      assertThatThrownBy(() -> ModelFiles.open(index))
          .isInstanceOf(ModelFormatException.class)
          .hasMessageContaining("beside the index");
    }
  }

  @Test
  void aFileOfAnotherKindIsRefused() throws IOException {
    Path file = folder.resolve("m.keras");
    for (String text : new String[] {"", "hello, I am text", "PK", "[1]"}) {
      Files.writeString(file, text);
      assertThatThrownBy(() -> ModelFiles.open(file)).isInstanceOf(ModelFormatException.class);
    }
  }
}
