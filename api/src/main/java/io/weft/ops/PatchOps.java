package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** Functions of {@code keras.ops.image} that cut images up or change their borders. */
final class PatchOps {
  private PatchOps() {}

  static List<PublicOp> table() {
    Table t = new Table("image");
    t.op(
        "image.extract_patches",
        "ExtractPatches",
        "images | size, strides=None, dilation_rate=1, padding=\"valid\", data_format=None",
        a -> {
          boolean volume = a.raw("size") instanceof List<?> l && l.size() == 3;
          return Patches.extract(a, a.tensor("images"), volume ? 3 : 2);
        });
    t.op(
        "image.extract_patches_3d",
        null,
        "volumes | size, strides=None, dilation_rate=1, padding=\"valid\", data_format=None",
        a -> Patches.extract(a, a.tensor("volumes"), 3));
    t.op(
        "image.reconstruct_patches",
        "ReconstructPatches",
        "patches | size, output_size, strides=None, padding=\"valid\", data_format=None",
        Patches::reconstruct);
    border(t, "image.pad_images", "PadImages", "padding", true);
    border(t, "image.crop_images", "CropImages", "cropping", false);
    return t.list();
  }

  private static Tensor batch(OpArgs a, UnaryOperator<Tensor> body) {
    return ImageBatch.apply(a, a.tensor("images"), 2, body);
  }

  private static void border(Table t, String function, String className, String what, boolean pad) {
    t.op(
        function,
        className,
        "images | top_"
            + what
            + "=None, left_"
            + what
            + "=None, bottom_"
            + what
            + "=None, right_"
            + what
            + "=None, target_height=None, target_width=None, data_format=None",
        a ->
            batch(
                a,
                x -> {
                  int[] rows = ends(a, "top_" + what, "bottom_" + what, "height", x.dim(1), pad);
                  int[] columns = ends(a, "left_" + what, "right_" + what, "width", x.dim(2), pad);
                  if (pad) {
                    return Ops.pad(x, new int[][] {{0, 0}, rows, columns, {0, 0}}, 0);
                  }
                  int h = x.dim(1) - rows[0] - rows[1];
                  int w = x.dim(2) - columns[0] - columns[1];
                  return Ops.slice(
                      x,
                      new int[] {0, rows[0], columns[0], 0},
                      new int[] {x.dim(0), h, w, x.dim(3)});
                }));
  }

  /** What comes before and after, of which two of three numbers are given. */
  private static int[] ends(
      OpArgs a, String before, String after, String size, int n, boolean pad) {
    Integer low = a.integerOrNull(before);
    Integer high = a.integerOrNull(after);
    Integer target = a.integerOrNull("target_" + size);
    int given = (low == null ? 0 : 1) + (high == null ? 0 : 1) + (target == null ? 0 : 1);
    int sum = target == null ? 0 : pad ? target - n : n - target;
    int l = low != null ? low : sum - (high == null ? 0 : high);
    int h = high != null ? high : sum - l;
    if (given != 2 || l < 0 || h < 0 || (!pad && l + h > n)) {
      throw new ConfigException(
          a.function()
              + ": exactly two of "
              + before
              + ", "
              + after
              + ", target_"
              + size
              + " must be given and fit the images. Received: "
              + low
              + ", "
              + high
              + ", "
              + target
              + " for "
              + size
              + " "
              + n);
    }
    return new int[] {l, h};
  }
}
