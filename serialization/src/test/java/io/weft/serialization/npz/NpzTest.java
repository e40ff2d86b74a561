package io.weft.serialization.npz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.ModelFormatException;
import io.weft.serialization.io.ByteSource;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzTest {
  @TempDir Path folder;

  private static byte[] resource(String name) throws IOException {
    return NpzTest.class.getResourceAsStream("/npz/" + name).readAllBytes();
  }

  @Test
  void readsWhatNumpyWrites() throws IOException {
    try (Npz npz = Npz.open(ByteSource.of("arrays.npz", resource("arrays.npz")))) {
      for (String name : new String[] {"fortran", "big", "big_fortran", "half", "bool"}) {
        HostArray a = npz.array(name);
        assertThat(a.shape()).isEqualTo(Shape.of(2, 3, 4));
        for (int i = 0; i < 24; i++) {
          double expected = name.equals("bool") ? (i % 3 == 0 ? 1 : 0) : i;
          if (name.equals("half")) {
            assertThat(a.doubleAt(i)).isCloseTo(i / 7.0, within(0.002));
          } else {
            assertThat(a.doubleAt(i)).as(name).isEqualTo(expected);
          }
        }
      }
      assertThat(npz.array("u64").doubleAt(0)).isEqualTo(0x1p64);
      assertThat(npz.array("scalar").shape()).isEqualTo(Shape.SCALAR);
      assertThat(npz.array("empty").shape()).isEqualTo(Shape.of(0, 3));
      assertThat(npz.array("unicode").data())
          .isEqualTo(new String[] {"äß", "", "\uD83D\uDE00x", "abc"});
      assertThat(npz.array("big_unicode").data()).isEqualTo(new String[] {"äß", "x"});
      assertThat(npz.array("bytes").data()).isEqualTo(new String[] {"one", "", "ä"});
    }
  }

  private static org.assertj.core.data.Offset<Double> within(double d) {
    return org.assertj.core.data.Offset.offset(d);
  }

  @Test
  void everyDtypeSurvivesARoundTrip() {
    Map<String, HostArray> arrays = new LinkedHashMap<>();
    SplittableRandom random = new SplittableRandom(1);
    for (DType d : DType.values()) {
      for (Shape s : new Shape[] {Shape.SCALAR, Shape.of(0), Shape.of(3, 5)}) {
        HostArray a = HostArray.zeros(d, s);
        for (int i = 0; i < a.size(); i++) {
          if (d == DType.STRING) {
            ((String[]) a.data())[i] = "ü" + "x".repeat(random.nextInt(5));
          } else {
            a.set(i, random.nextInt(-5, 90));
          }
        }
        arrays.put("a/" + d + s.rank() + (s.size() == 0), a);
      }
    }
    Path file = folder.resolve("all.npz");
    Npz.write(file, arrays);
    Map<String, HostArray> back = Npz.read(file);
    assertThat(back.keySet()).containsExactlyElementsOf(arrays.keySet());
    arrays.forEach(
        (name, a) -> {
          assertThat(back.get(name).dtype()).as(name).isEqualTo(a.dtype());
          assertThat(back.get(name).shape()).as(name).isEqualTo(a.shape());
          assertThat(back.get(name).data()).as(name).isEqualTo(a.data());
        });
  }

  @Test
  void refusesPickles() throws IOException {
    try (Npz npz = Npz.open(ByteSource.of("object.npz", resource("object.npz")))) {
      assertThatThrownBy(() -> npz.array("o"))
          .isInstanceOf(ModelFormatException.class)
          .hasMessageContaining("pickle");
    }
  }

  @Test
  void refusesSizesThatTheFileDoesNotBack() {
    for (String shape : new String[] {"(1000000000,)", "(2000000000, 2000000000, 9)", "(-1,)"}) {
      String text = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }\n";
      byte[] b =
          ("\u0093NUMPY\1\0" + (char) text.length() + "\0" + text)
              .getBytes(StandardCharsets.ISO_8859_1);
      assertThatThrownBy(() -> Npy.read(ByteSource.of("x.npy", b)))
          .isInstanceOf(ModelFormatException.class);
    }
  }

  @Test
  void damagedFilesAreRefusedOrRead() throws IOException {
    byte[] good = resource("arrays.npz");
    SplittableRandom random = new SplittableRandom(7);
    int refused = 0;
    for (int i = 0; i < 600; i++) {
      byte[] b = good.clone();
      if (i % 3 == 0) {
        b = java.util.Arrays.copyOf(b, random.nextInt(b.length));
      } else {
        b[random.nextInt(b.length)] = (byte) random.nextInt(256);
      }
      refused += readsOrRefuses(b) ? 0 : 1;
    }
    assertThat(refused).isGreaterThan(300);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npy.write(HostArray.zeros(DType.FLOAT32, Shape.of(3, 2)), out);
    for (int i = 0; i < 64; i++) {
      for (int v = 0; v < 256; v += 5) {
        byte[] b = out.toByteArray();
        b[i] = (byte) v;
        try {
          Npy.read(ByteSource.of("x.npy", b));
        } catch (ModelFormatException e) {
          assertThat(e).hasMessageStartingWith("x.npy");
        }
      }
    }
    Files.write(folder.resolve("cut.npz"), new byte[3]);
    assertThatThrownBy(() -> Npz.read(folder.resolve("cut.npz")))
        .isInstanceOf(ModelFormatException.class);
  }

  private static boolean readsOrRefuses(byte[] b) {
    try (Npz npz = Npz.open(ByteSource.of("x.npz", b))) {
      npz.names().forEach(npz::array);
      return true;
    } catch (ModelFormatException e) {
      return false;
    }
  }
}
