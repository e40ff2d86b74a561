package io.weft.systems.diffusers;

import io.weft.error.ShapeException;
import io.weft.layer.Layer;
import io.weft.systems.core.Bicubic;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Image prompts beside the text (Ye et al. 2023, arXiv 2308.06721; diffusers' {@code
 * IPAdapterAttnProcessor}): the last tokens of the context are features of images, which the
 * queries read by keys and values of their own, {@code y + Σ scaleᵢ · attention(q, to_k_ip.i(cᵢ),
 * to_v_ip.i(cᵢ))}, before the output projection. Names: {@code processor.to_k_ip.0.weight}.
 *
 * <p>Masks say where each image of an adapter counts. With one, the adapter's tokens are those of
 * its images one after the other, and each image is read alone: {@code y + Σ scaleᵢₖ · maskᵢₖ ·
 * attention(q, …)}. They are the call argument {@code ip_adapter_masks}: for each adapter null or
 * {@code (1 or batch, images, height, width)}, of any size with the aspect of the queries' image;
 * or one tensor {@code (adapters, 1, height, width)}.
 */
final class IpAdapter extends AttentionAdapter {
  private final Parts parts;
  private final int[] counts;
  private final double[][] scales;

  /**
   * One or more adapters.
   *
   * @param counts the tokens of each
   * @param scales one factor for each, or one for each of its images
   */
  IpAdapter(Parts parts, int[] counts, double[][] scales) {
    this.parts = parts;
    this.counts = counts;
    this.scales = scales;
  }

  @Override
  boolean replacesKeys() {
    return true;
  }

  @Override
  void adapt(String projection, int in, int out, boolean bias) {
    if (projection.equals("to_k") || projection.equals("to_v")) {
      for (int i = 0; i < counts.length; i++) {
        add(projection + "_ip." + i, parts.linear(in, out, false));
      }
    }
  }

  @Override
  int tokens() {
    return Arrays.stream(counts).sum();
  }

  @Override
  Tensor beside(Query query, Tensor tokens, Object masks) {
    List<Tensor> perAdapter = masks(masks);
    Tensor sum = null;
    int at = 0;
    for (int i = 0; i < counts.length; i++) {
      Tensor images = tokens(tokens, at, counts[i]);
      at += counts[i];
      Tensor mask = perAdapter.get(i);
      if (mask != null) {
        checkMask(i, mask, tokens.dim(0));
      } else if (scales[i].length > 1) {
        throw refused(i, "a mask of its " + scales[i].length + " images", "none");
      }
      if (Arrays.stream(scales[i]).anyMatch(s -> s != 0)) {
        Tensor y =
            mask == null
                ? read(query, i, images).times(scales[i][0])
                : masked(query, i, images, mask);
        sum = sum == null ? y : sum.plus(y);
      }
    }
    return sum;
  }

  private Tensor read(Query query, int i, Tensor image) {
    Layer keys = layer("to_k_ip." + i);
    Layer values = layer("to_v_ip." + i);
    return query.attend(keys.apply(image), values.apply(image));
  }

  private Tensor masked(Query query, int i, Tensor images, Tensor mask) {
    int n = mask.dim(1);
    int each = counts[i] / n;
    Tensor sum = null;
    for (int k = 0; k < n; k++) {
      Tensor y = read(query, i, tokens(images, k * each, each));
      int[] from = {0, k, 0, 0};
      Tensor one = Ops.slice(mask, from, new int[] {mask.dim(0), 1, mask.dim(2), mask.dim(3)});
      Tensor where = Ops.cast(ofQueries(i, one, y.dim(1)), y.dtype());
      y = y.times(where).times(scales[i][scales[i].length == 1 ? 0 : k]);
      sum = sum == null ? y : sum.plus(y);
    }
    return sum;
  }

  /**
   * A mask (batch, 1, height, width) for queries row by row, (batch, queries, 1). The queries'
   * image is taken to have the mask's aspect; where rows and columns do not come out even, the
   * queries that are left over are masked, as in the original.
   */
  private static Tensor ofQueries(int i, Tensor mask, int queries) {
    double ratio = (double) mask.dim(3) / mask.dim(2);
    int height = (int) Math.sqrt(queries / ratio);
    if (height == 0) {
      throw refused(i, "a mask of the aspect of an image of " + queries + " pixels", mask.shape());
    }
    height += queries % height == 0 ? 0 : 1;
    int width = queries / height;
    Tensor image = Ops.reshape(mask, mask.dim(0), mask.dim(2), mask.dim(3), 1);
    Tensor flat = Ops.reshape(Bicubic.resize(image, height, width), mask.dim(0), height * width, 1);
    int[][] pads = {{0, 0}, {0, queries - height * width}, {0, 0}};
    return height * width == queries ? flat : Ops.pad(flat, pads, 0);
  }

  /** The masks of the adapters, null for none. */
  private List<Tensor> masks(Object given) {
    List<Tensor> all = new ArrayList<>();
    if (given instanceof Tensor t && t.rank() == 4) {
      for (int i = 0; i < t.dim(0); i++) {
        int[] size = {1, t.dim(1), t.dim(2), t.dim(3)};
        all.add(Ops.slice(t, new int[] {i, 0, 0, 0}, size));
      }
    } else if (given instanceof List<?> l
        && l.stream().allMatch(x -> x == null || x instanceof Tensor)) {
      l.forEach(x -> all.add((Tensor) x));
    } else if (given == null) {
      counts().forEach(n -> all.add(null));
    } else {
      throw new ShapeException(
          "ip_adapter_masks: expected a tensor (adapters, 1, height, width), or null or a tensor"
              + " for each adapter. Received: "
              + given);
    }
    if (all.size() != counts.length) {
      throw new ShapeException(
          "ip_adapter_masks: expected one for each of the "
              + counts.length
              + " adapters. Received: "
              + all.size());
    }
    return all;
  }

  private List<Integer> counts() {
    return Arrays.stream(counts).boxed().toList();
  }

  private void checkMask(int i, Tensor mask, int batch) {
    if (mask.rank() != 4 || mask.shape().size() == 0 || mask.dim(0) != 1 && mask.dim(0) != batch) {
      throw refused(i, "(1 or " + batch + ", images, height, width)", mask.shape());
    }
    if (counts[i] % mask.dim(1) != 0) {
      throw refused(i, "as many images as divide its " + counts[i] + " tokens", mask.shape());
    }
    if (scales[i].length > 1 && scales[i].length != mask.dim(1)) {
      throw refused(i, scales[i].length + " images, one for each scale", mask.shape());
    }
  }

  private static ShapeException refused(int i, String expected, Object received) {
    return new ShapeException(
        "ip_adapter_masks[" + i + "]: expected " + expected + ". Received: " + received);
  }
}
