package io.weft.engine.op;

import static io.weft.engine.op.Gradcheck.check;
import static io.weft.engine.op.Gradcheck.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.ops.OpTable;
import io.weft.ops.PublicOp;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Laws of public functions that recorded cases show at a few points only. */
class PublicOpsTest {
  private static Object call(String function, Map<String, ?> keywords, Object... args) {
    PublicOp op = OpTable.function(function);
    return op.call(op.bind(Arrays.asList(args), keywords));
  }

  private static Tensor tensor(String function, Map<String, ?> keywords, Object... args) {
    return (Tensor) call(function, keywords, args);
  }

  private static void same(Tensor x, Tensor y, double tolerance) {
    assertThat(x.shape()).isEqualTo(y.shape());
    assertThat(x.toDoubleArray()).containsExactly(y.toDoubleArray(), Offset.offset(tolerance));
  }

  @ParameterizedTest
  @CsvSource({"8,4,8", "7,3,11", "16,4,16"})
  void istftUndoesStft(int length, int stride, int fft) {
    Tensor x = random(1, -1, 1, 2, 60);
    Object y = call("stft", Map.of(), x, length, stride, fft);
    Tensor back = tensor("istft", Map.of(), y, length, stride, fft);
    int n = back.dim(-1) - fft;
    int[] from = {0, fft};
    int[] size = {2, Math.min(n, 60 - 2 * fft)};
    same(Ops.slice(back, from, size), Ops.slice(x, from, size), 1e-9);
  }

  @Test
  void foldedPatchesAreTheImageAgain() {
    Tensor x = random(2, -1, 1, 2, 3, 4, 6);
    Tensor windows = tensor("unfold", Map.of("stride", 2L), x, 2L);
    same(tensor("fold", Map.of("stride", 2L), windows, List.of(4L, 6L), 2L), x, 0);
    Tensor image = random(3, -1, 1, 2, 4, 6, 3);
    Tensor patches = tensor("image.extract_patches", Map.of(), image, List.of(2L, 3L));
    Object size = List.of(4L, 6L);
    same(tensor("image.reconstruct_patches", Map.of(), patches, List.of(2L, 3L), size), image, 0);
    assertThatThrownBy(
            () ->
                call(
                    "image.reconstruct_patches",
                    Map.of("strides", 1L),
                    patches,
                    List.of(2L, 3L),
                    size))
        .isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void depthAndSpaceAreInverses() {
    Tensor x = random(4, -1, 1, 2, 4, 6, 3);
    same(tensor("depth_to_space", Map.of(), tensor("space_to_depth", Map.of(), x, 2L), 2L), x, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bilinear", "bicubic", "lanczos3", "lanczos5", "area"})
  void resizingKeepsConstantImages(String interpolation) {
    Tensor x = Ops.full(io.weft.tensor.Shape.of(1, 5, 7, 2), 0.25, DType.FLOAT32);
    for (boolean antialias : new boolean[] {false, true}) {
      for (List<Long> size : List.of(List.of(9L, 3L), List.of(2L, 11L), List.of(1L, 1L))) {
        Map<String, ?> options = Map.of("interpolation", interpolation, "antialias", antialias);
        float[] y = tensor("image.resize", options, x, size).toFloatArray();
        for (float v : y) {
          assertThat(v).isCloseTo(0.25f, Offset.offset(1e-6f));
        }
      }
    }
  }

  @Test
  void identityTransformsKeepImages() {
    Tensor x = Ops.cast(random(5, 0, 1, 2, 5, 4, 3), DType.FLOAT32);
    Tensor one = Tensor.of(new float[] {1, 0, 0, 0, 1, 0, 0, 0});
    for (String mode : List.of("constant", "nearest", "wrap", "reflect")) {
      same(tensor("image.affine_transform", Map.of("fill_mode", mode), x, one), x, 1e-6);
    }
    Tensor corners = Tensor.of(new float[] {0, 0, 3, 0, 0, 4, 3, 4}, 4, 2);
    same(tensor("image.perspective_transform", Map.of(), x, corners, corners), x, 1e-5);
    Tensor hsv = tensor("image.rgb_to_hsv", Map.of(), x);
    same(tensor("image.hsv_to_rgb", Map.of(), hsv), x, 1e-5);
    Tensor moved =
        tensor("image.elastic_transform", Map.of("alpha", 0.0, "seed", 3L, "sigma", 1.0), x);
    same(moved, x, 1e-6);
  }

  @Test
  void ctcLossHasTheGradientOfItsNumbers() {
    Tensor labels = Tensor.of(new int[] {1, 1, 2, 3, 2, 0}, 2, 3);
    Tensor lengths = Tensor.of(new int[] {3, 2});
    Tensor frames = Tensor.of(new int[] {6, 4});
    check(
        x -> tensor("ctc_loss", Map.of(), labels, x.get(0), lengths, frames),
        random(6, -1, 1, 2, 6, 4));
  }

  @Test
  void wideBeamsFindTheSumOfAllAlignments() {
    Tensor x = random(7, -1, 1, 1, 4, 3);
    Tensor frames = Tensor.of(new int[] {4});
    List<?> best = (List<?>) call("ctc_decode", Map.of("strategy", "beam_search"), x, frames);
    int[] path = ((Tensor) best.get(0)).toIntArray();
    int n = (int) Arrays.stream(path).filter(c -> c >= 0).count();
    int[] padded = Arrays.copyOf(path, Math.max(1, n));
    Tensor loss =
        tensor(
            "ctc_loss",
            Map.of(),
            Tensor.of(padded, 1, padded.length),
            x,
            Tensor.of(new int[] {n}),
            frames);
    double score = ((Tensor) best.get(1)).toDoubleArray()[0];
    assertThat(score).isCloseTo(-loss.toDoubleArray()[0], Offset.offset(1e-6));
  }

  @Test
  void segmentsLeaveOutRowsOfOtherIds() {
    Tensor ids = Tensor.of(new int[] {0, 2, 1, 0, -1, 5});
    for (String f : List.of("segment_sum", "segment_max", "segment_min", "segment_prod")) {
      check(x -> tensor(f, Map.of(), x.get(0), ids, 3L), random(8, 0.5, 2, 6, 2));
    }
  }

  @Test
  void incompleteGammaOfWholeShapesIsASum() {
    // P(n, x) = 1 - e^-x Σ x^k / k!
    for (int n : new int[] {1, 2, 5, 20}) {
      for (double x : new double[] {0.01, 0.5, 3, 19, 21, 60}) {
        double term = 1;
        double sum = 0;
        for (int k = 0; k < n; k++) {
          sum += term;
          term *= x / (k + 1);
        }
        Tensor y = tensor("gammainc", Map.of(), Tensor.scalar((double) n), Tensor.scalar(x));
        assertThat(y.item()).isCloseTo(1 - Math.exp(-x) * sum, Offset.offset(1e-13));
      }
    }
    check(
        v -> tensor("gammainc", Map.of(), Tensor.of(new double[] {0.5, 2, 7}), v.get(0)),
        random(11, 0.5, 6, 3));
  }

  @Test
  void wrongArgumentsAreRefusedByName() {
    Tensor image = random(9, 0, 1, 1, 4, 4, 3);
    assertThatThrownBy(() -> call("image.resize", Map.of(), image, List.of(3L, 0L)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("size must be two positive integers");
    assertThatThrownBy(() -> call("rearrange", Map.of(), image, "a b -> b a"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("pattern");
    assertThatThrownBy(() -> call("inv", Map.of(), random(1, 0, 1, 2, 3)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("square");
    assertThatThrownBy(() -> call("conv", Map.of("data_format", "nhwc"), image, image))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("data_format");
  }
}
