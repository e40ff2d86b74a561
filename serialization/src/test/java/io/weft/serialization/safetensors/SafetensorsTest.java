package io.weft.serialization.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.ModelFormatException;
import io.weft.serialization.io.ByteSource;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  @TempDir Path folder;

  /** A file with this header and so many bytes after it. */
  private static byte[] file(String header, int data) {
    byte[] h = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + h.length + data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(h.length)
        .put(h)
        .array();
  }

  private static Safetensors open(byte[] bytes) {
    return Safetensors.open(ByteSource.of("test", bytes));
  }

  @Test
  void everyDtypeComesBackBitForBit() {
    Random random = new Random(1);
    Map<String, HostArray> arrays = new LinkedHashMap<>();
    for (DType d : DType.values()) {
      if (d != DType.STRING) {
        HostArray a = HostArray.zeros(d, Shape.of(3, 5));
        for (int i = 0; i < a.size(); i++) {
          a.set(i, (long) random.nextInt(100));
        }
        arrays.put("layer." + d + " \"ä", a);
      }
    }
    arrays.put("scalar", new HostArray(DType.FLOAT32, Shape.SCALAR, new float[] {Float.NaN}));
    arrays.put("none", HostArray.zeros(DType.FLOAT64, Shape.of(0, 4)));
    Path file = folder.resolve("all.safetensors");
    Safetensors.write(file, arrays, Map.of("format", "pt"));
    Map<String, HostArray> again = Safetensors.read(file);
    assertThat(again.keySet()).containsExactlyInAnyOrderElementsOf(arrays.keySet());
    arrays.forEach(
        (n, a) -> {
          assertThat(again.get(n).dtype()).isEqualTo(a.dtype());
          assertThat(again.get(n).shape()).isEqualTo(a.shape());
          assertThat(again.get(n).data()).isEqualTo(a.data());
        });
    try (Safetensors s = Safetensors.open(file)) {
      assertThat(s.metadata()).isEqualTo(Map.of("format", "pt"));
    }
  }

  @Test
  void aFileOfOthersIsReadByItsOffsets() {
    byte[] bytes =
        file(
            "{\"b\":{\"shape\":[1],\"dtype\":\"BF16\",\"data_offsets\":[8,10]},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}   ",
            10);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(bytes.length - 10, 1.5f)
        .putFloat(bytes.length - 6, -2)
        .putShort(bytes.length - 2, (short) 0x3f80);
    try (Safetensors s = open(bytes)) {
      assertThat(s.names()).containsExactly("b", "a");
      assertThat(s.array("a").data()).isEqualTo(new float[] {1.5f, -2});
      assertThat(s.array("b").doubleAt(0)).isEqualTo(1);
      assertThatThrownBy(() -> s.array("c"))
          .isInstanceOf(ModelFormatException.class)
          .hasMessageContaining("'c'");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{\"a\":1}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}",
        "{\"a\":{\"dtype\":\"F33\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,9]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,2147483647,2147483647],"
            + "\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,9223372036854775807]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,99999999999999999999]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[[[[[[[[[[[2]]]]]]]]]]],\"data_offsets\":[0,8]}}",
        "{\"__metadata__\":{\"a\":1},\"a\":{\"dtype\":\"F32\",\"shape\":[2],"
            + "\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} {}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}",
      })
  void brokenHeadersAreRefused(String header) {
    assertThatThrownBy(() -> open(file(header, 8))).isInstanceOf(ModelFormatException.class);
  }

  @Test
  void lengthsThatTheFileDoesNotHoldAreRefused() {
    for (long length : List.of(-1L, 0L, 1L, 1000L, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE)) {
      byte[] b = file("{}", 0);
      ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
      assertThatThrownBy(() -> open(b)).isInstanceOf(ModelFormatException.class);
    }
    assertThatThrownBy(() -> open(new byte[7])).isInstanceOf(ModelFormatException.class);
    assertThat(open(file("{}", 0)).names()).isEmpty();
  }

  @Test
  void anyDamagedByteIsReadOrRefusedAsDocumented() throws IOException {
    Path file = folder.resolve("a.safetensors");
    Map<String, HostArray> arrays = Map.of("a", HostArray.zeros(DType.FLOAT32, Shape.of(2, 3)));
    Safetensors.write(file, arrays, Map.of());
    byte[] good = Files.readAllBytes(file);
    Random random = new Random(7);
    for (int i = 0; i < 3000; i++) {
      byte[] bad = good.clone();
      for (int k = 0; k < 1 + i % 3; k++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      byte[] cut = i % 5 == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad;
      try (Safetensors s = open(cut)) {
        s.names().forEach(s::array);
      } catch (ModelFormatException e) {
        assertThat(e).hasMessageContaining("test");
      }
    }
  }

  @Test
  void aFailedWriteLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("a.safetensors");
    Safetensors.write(file, Map.of(), Map.of());
    byte[] before = Files.readAllBytes(file);
    HostArray text = new HostArray(DType.STRING, Shape.of(1), new String[] {"x"});
    assertThatThrownBy(() -> Safetensors.write(file, Map.of("t", text), Map.of()))
        .isInstanceOf(ModelFormatException.class);
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }
}
