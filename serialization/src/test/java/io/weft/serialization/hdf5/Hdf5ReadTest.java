package io.weft.serialization.hdf5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.ModelFormatException;
import io.weft.serialization.io.ByteSource;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files made by h5py (resources/hdf5/make.py). */
class Hdf5ReadTest {
  private static byte[] resource(String name) throws IOException {
    return Hdf5ReadTest.class.getResourceAsStream("/hdf5/" + name).readAllBytes();
  }

  private static Hdf5File open(String name) throws IOException {
    return Hdf5File.open(ByteSource.of(name, resource(name)));
  }

  private static void assertCounts(Hdf5Dataset d) {
    HostArray a = d.read();
    assertThat(a.shape()).as(d.where()).isEqualTo(Shape.of(5, 12));
    for (int i = 0; i < 60; i++) {
      double expected = d.where().endsWith("bool") ? 1 - i % 2 : i;
      assertThat(a.doubleAt(i)).as(d.where() + i).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"old.h5", "latest.h5"})
  void readsEveryLayoutAndType(String name) throws IOException {
    try (Hdf5File f = open(name)) {
      Hdf5Group g = f.root().group("g");
      for (String k :
          new String[] {
            "sub/contiguous",
            "big_endian",
            "bool",
            "half",
            "gzip",
            "plain_chunks",
            "one_chunk",
            "growing",
            "growing2"
          }) {
        assertCounts(g.dataset(k));
      }
      for (String k : new String[] {"long", "long_gzip", "long_second", "roomy"}) {
        HostArray a = g.dataset(k).read();
        for (int i = 0; i < a.size(); i++) {
          assertThat(a.longAt(i)).as(k).isEqualTo(i);
        }
      }
      assertCounts(f.root().dataset("alias/contiguous"));
      assertThat(g.dataset("big_endian").dtype()).isEqualTo(DType.FLOAT64);
      assertThat(g.dataset("bool").dtype()).isEqualTo(DType.BOOL);
      assertThat(g.dataset("half").dtype()).isEqualTo(DType.FLOAT16);
      assertThat(g.dataset("scalar").read().longAt(0)).isEqualTo(-3);
      assertThat(g.dataset("scalar").shape()).isEqualTo(Shape.SCALAR);
      assertThat(g.dataset("empty").read().shape()).isEqualTo(Shape.of(0, 3));
      HostArray b = g.dataset("bfloat16").read();
      assertThat(b.dtype()).isEqualTo(DType.BFLOAT16);
      assertThat(b.doubleAt(1)).isEqualTo(-2);
      assertThat(g.dataset("strings").read().data()).isEqualTo(new String[] {"a", "bc"});
      assertThat((int[]) g.dataset("lzf").read().data()).containsOnly(5).hasSize(1600);
      assertThat((float[]) g.dataset("never").read().data()).containsOnly(2.5f).hasSize(6);
      assertThat((float[]) g.dataset("compact").read().data()).containsExactly(1, 2);
      assertThat(f.root().group("dense").names()).hasSize(40);
      assertThat(f.root().dataset("dense/n31").read().longAt(0)).isEqualTo(31);
      assertThat(f.root().group("dense").text("a11")).isEqualTo("value 11");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"old.h5", "latest.h5"})
  void readsAttributes(String name) throws IOException {
    try (Hdf5File f = open(name)) {
      assertThat(f.root().text("text")).isEqualTo("Grüße");
      assertThat(f.root().text("bytes")).isEqualTo("bytes");
      assertThat(f.root().texts("names")).containsExactly("one", "", "three");
      assertThat(f.root().texts("fixed")).containsExactly("one", "three");
      assertThat(f.root().texts("none")).isEmpty();
      assertThat(f.root().texts("absent")).isNull();
      assertThat(f.root().attribute("number").longAt(0)).isEqualTo(7);
      assertThatThrownBy(() -> f.root().text("number")).isInstanceOf(ModelFormatException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"old.h5", "latest.h5"})
  void followsNoLinkAndNoOtherStorage(String name) throws IOException {
    try (Hdf5File f = open(name)) {
      for (String path : new String[] {"soft", "soft/scalar", "external"}) {
        assertThatThrownBy(() -> f.root().node(path))
            .isInstanceOf(ModelFormatException.class)
            .hasMessageContaining("not followed");
      }
      for (String path : new String[] {"outside", "virtual"}) {
        assertThatThrownBy(() -> f.root().dataset(path).read())
            .isInstanceOf(ModelFormatException.class)
            .hasMessageContaining("not followed");
      }
      assertThatThrownBy(() -> f.root().dataset("giant").read())
          .isInstanceOf(ModelFormatException.class)
          .hasMessageContaining("times as many bytes");
      assertThatThrownBy(() -> f.root().dataset("g/complex").read())
          .isInstanceOf(ModelFormatException.class)
          .hasMessageContaining("compound");
      assertThatThrownBy(() -> f.root().dataset("g")).isInstanceOf(ModelFormatException.class);
      assertThat(f.root().node("g/absent")).isNull();
    }
  }

  @Test
  void refusesCyclesAndDepthAndAcceptsAUserBlock() throws IOException {
    assertThatThrownBy(() -> open("cycle.h5"))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("contains itself");
    GroupBuilder root = new GroupBuilder();
    root.group("g/".repeat(300));
    byte[] deep = Hdf5WriteTest.bytes(root);
    assertThatThrownBy(() -> Hdf5File.open(ByteSource.of("deep", deep)))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("levels");
    try (Hdf5File f = open("user_block.h5")) {
      assertCounts(f.root().dataset("k"));
    }
  }

  private static boolean reads(byte[] b) {
    try (Hdf5File f = Hdf5File.open(ByteSource.of("x.h5", b))) {
      return readAll(f.root());
    } catch (ModelFormatException e) {
      assertThat(e.getMessage()).startsWith("x.h5");
      return false;
    }
  }

  /** Reads everything that can be read; refusals of single nodes are right. */
  private static boolean readAll(Hdf5Group g) {
    boolean all = true;
    for (String name : g.names()) {
      try {
        Hdf5Node n = g.node(name);
        for (String a : n.attributeNames()) {
          n.attribute(a);
        }
        if (n instanceof Hdf5Group child) {
          all &= readAll(child);
        } else {
          ((Hdf5Dataset) n).read();
        }
      } catch (ModelFormatException e) {
        all = false;
      }
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"old.h5", "latest.h5"})
  void everyTruncationIsRefused(String name) throws IOException {
    byte[] good = resource(name);
    for (int n = 0; n < good.length; n += 61) {
      assertThat(reads(java.util.Arrays.copyOf(good, n))).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"old.h5", "latest.h5"})
  void damagedBytesGiveAnArrayOrOurException(String name) throws IOException {
    byte[] good = resource(name);
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 1500; i++) {
      byte[] b = good.clone();
      int flips = random.nextInt(1, 4);
      for (int k = 0; k < flips; k++) {
        int at = random.nextInt(b.length);
        b[at] = (byte) (random.nextBoolean() ? 0xff : random.nextInt(256));
      }
      reads(b); // anything but a ModelFormatException fails the test
    }
  }
}
