package io.weft.serialization.hdf5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.weft.serialization.io.ByteSource;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class Hdf5WriteTest {
  static byte[] bytes(GroupBuilder root) {
    Hdf5Writer w = new Hdf5Writer(root);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      w.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(out.size()).isEqualTo((int) w.size());
    return out.toByteArray();
  }

  private static Hdf5Group back(GroupBuilder root) {
    return Hdf5File.open(ByteSource.of("written", bytes(root))).root();
  }

  @Test
  void everyDtypeAndShapeComesBack() {
    GroupBuilder root = new GroupBuilder();
    List<HostArray> arrays = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(2);
    for (DType d : DType.values()) {
      for (Shape s : new Shape[] {Shape.SCALAR, Shape.of(0, 3), Shape.of(3, 5)}) {
        if (d != DType.STRING) {
          HostArray a = HostArray.zeros(d, s);
          for (int i = 0; i < a.size(); i++) {
            a.set(i, random.nextInt(-9, 99));
          }
          root.dataset("layers/l" + arrays.size() + "/vars/0", a);
          arrays.add(a);
        }
      }
    }
    Hdf5Group group = back(root);
    for (int i = 0; i < arrays.size(); i++) {
      HostArray a = group.dataset("layers/l" + i + "/vars/0").read();
      assertThat(a.dtype()).isEqualTo(arrays.get(i).dtype());
      assertThat(a.shape()).isEqualTo(arrays.get(i).shape());
      assertThat(a.data()).isEqualTo(arrays.get(i).data());
    }
  }

  @Test
  void groupsOfAnySizeAreFoundHereAndByJhdf() {
    for (int n : new int[] {0, 1, 8, 9, 256, 257, 3000, 9000}) {
      GroupBuilder root = new GroupBuilder();
      for (int i = 0; i < n; i++) {
        root.group("many/dense_" + i);
      }
      root.group("many").dataset("ä", HostArray.zeros(DType.INT8, Shape.of(2)));
      byte[] b = bytes(root);
      Set<String> names = Hdf5File.open(ByteSource.of("x", b)).root().group("many").names();
      assertThat(names).hasSize(n + 1).contains("ä");
      if (n < 3000) {
        try (HdfFile f = HdfFile.fromBytes(b)) {
          assertThat(((io.jhdf.api.Group) f.getChild("many")).getChildren().keySet())
              .isEqualTo(names);
        }
      }
    }
  }

  @Test
  void textsOfAnyLengthComeBack() {
    GroupBuilder root = new GroupBuilder();
    String config = "{\"u\": \"" + "x".repeat(300_000) + "\"}";
    root.text("keras_version", "3.15.1").bytesText("model_config", config).text("empty", "");
    Hdf5Group g = back(root);
    assertThat(g.text("keras_version")).isEqualTo("3.15.1");
    assertThat(g.text("model_config")).isEqualTo(config);
    assertThat(g.text("empty")).isEmpty();
    try (HdfFile f = HdfFile.fromBytes(bytes(root))) {
      assertThat(f.getAttribute("model_config").getData()).isEqualTo(config);
    }
  }

  @Test
  void listsOfNamesAreSplitAsKerasDoes() {
    GroupBuilder root = new GroupBuilder();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      names.add(String.format("a_layer_of_name_%06d_abc", i)); // 26 bytes: 130,000 in all
    }
    root.names("layer_names", names).names("none", List.of()).names("few", List.of("a", "", "ä"));
    Hdf5Group g = back(root);
    assertThat(g.hasAttribute("layer_names")).isFalse();
    assertThat(g.texts("layer_names0")).hasSize(1667).isEqualTo(names.subList(0, 1667));
    assertThat(g.texts("layer_names2")).hasSize(1666);
    assertThat(g.hasAttribute("layer_names3")).isFalse();
    assertThat(g.attribute("none").dtype()).isEqualTo(DType.FLOAT64);
    assertThat(g.texts("few")).containsExactly("a", "", "ä");
  }

  @Test
  void refusesTwoObjectsOfOneName() {
    GroupBuilder root = new GroupBuilder();
    HostArray a = HostArray.zeros(DType.INT8, Shape.of(1));
    root.dataset("a/b", a);
    assertThatThrownBy(() -> root.dataset("a/b", a)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> root.dataset("a/b/c", a)).isInstanceOf(IllegalArgumentException.class);
  }
}
