package io.weft.ops;

import static io.weft.ops.PublicOp.of;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.List;

/** Encodings, attention and rearrangements of {@code keras.ops.nn}. */
final class NnOps {
  private NnOps() {}

  static List<PublicOp> table() {
    List<PublicOp> t = new ArrayList<>();
    t.add(
        of(
            "one_hot",
            "nn",
            "OneHot",
            "x | num_classes, axis=-1, dtype=None, sparse=False",
            a -> oneHot(a, a.tensor("x"))));
    t.add(
        of(
            "multi_hot",
            "nn",
            "MultiHot",
            "inputs | num_classes=None, axis=-1, dtype=None, sparse=False, num_tokens=None",
            NnOps::multiHot));
    t.add(
        of(
            "dot_product_attention",
            "nn",
            "DotProductAttention",
            "query, key, value, bias=None, mask=None, scale=None | is_causal=False,"
                + " flash_attention=None, attn_logits_soft_cap=None",
            NnOps::attention));
    t.add(of("psnr", "nn", "PSNR", "x1, x2 | max_val", NnOps::psnr));
    t.add(
        of("polar", "nn", "Polar", "abs_, angle", a -> polar(a.tensor("abs_"), a.tensor("angle"))));
    t.add(
        of(
            "depth_to_space",
            "nn",
            "DepthToSpace",
            "x | block_size, data_format=\"channels_last\"",
            a -> blocks(a, true)));
    t.add(
        of(
            "space_to_depth",
            "nn",
            "SpaceToDepth",
            "x | block_size, data_format=\"channels_last\"",
            a -> blocks(a, false)));
    return t;
  }

  private static Complex polar(Tensor size, Tensor angle) {
    Tensor re = size.times(Ops.cos(angle));
    if (re.dtype().isHalf()) {
      throw new ShapeException("polar: expected float32 or float64. Received: " + re.dtype());
    }
    return new Complex(re, size.times(Ops.sin(angle)));
  }

  private static Tensor oneHot(OpArgs a, Tensor x) {
    int classes =
        a.function().equals("multi_hot") && a.isNull("num_classes")
            ? a.integer("num_tokens")
            : a.integer("num_classes");
    int axis = a.integer("axis");
    if (classes < 0 || axis < -1 || axis > x.rank()) {
      throw new ConfigException(
          a.function()
              + ": num_classes must not be negative and axis must be -1 or in [0, "
              + x.rank()
              + "]. Received: num_classes="
              + classes
              + ", axis="
              + axis);
    }
    DType d = a.dtype("dtype");
    return Ops.oneHot(x, classes, axis, d == null ? DType.FLOAT32 : d);
  }

  private static Tensor multiHot(OpArgs a) {
    Tensor x = a.tensor("inputs");
    Tensor y = oneHot(a, x);
    int[] axis = {x.rank() > 1 ? 1 : 0};
    return y.dtype().isBool() ? Ops.any(y, axis, false) : Ops.max(y, axis, false);
  }

  private static Tensor attention(OpArgs a) {
    if (!a.isNull("attn_logits_soft_cap")) {
      throw new ConfigException(
          "dot_product_attention: attn_logits_soft_cap is supported on TPUs only. Received:"
              + " attn_logits_soft_cap="
              + a.raw("attn_logits_soft_cap"));
    }
    return DotProductAttention.of(
        a.tensor("query"),
        a.tensor("key"),
        a.tensor("value"),
        a.tensorOrNull("bias"),
        a.tensorOrNull("mask"),
        a.isNull("scale") ? null : a.operand("scale"),
        a.bool("is_causal"));
  }

  private static Tensor psnr(OpArgs a) {
    Tensor x1 = a.tensor("x1");
    Tensor x2 = a.tensor("x2");
    if (!x1.shape().equals(x2.shape())) {
      throw new ShapeException(
          "psnr: expected images of one shape. Received: " + x1.shape() + ", " + x2.shape());
    }
    Tensor mse = Ops.mean(Ops.square(Ops.toFloat(Ops.subtract(x1, x2))));
    double peak = 20 * Math.log10(a.number("max_val"));
    return Ops.subtract(peak, Ops.floatUnary(UnaryFunction.LOG10, mse).times(10));
  }

  private static Tensor blocks(OpArgs a, boolean toSpace) {
    Tensor x = a.tensor("x");
    int b = a.integer("block_size");
    if (x.rank() != 4 || b < 2) {
      throw new ShapeException(
          a.function()
              + ": expected images of rank 4 and a block_size above 1. Received: "
              + x.shape()
              + ", block_size="
              + b);
    }
    boolean first = DataFormat.channelsFirst(a);
    x = first ? DataFormat.toLast(x, 2) : x;
    int n = x.dim(0);
    int h = x.dim(1);
    int w = x.dim(2);
    int c = x.dim(3);
    if (toSpace ? c % (b * b) != 0 : h % b != 0 || w % b != 0) {
      throw new ShapeException(
          a.function()
              + ": expected "
              + (toSpace ? "channels that block_size² divides" : "sizes that block_size divides")
              + ". Received: "
              + a.tensor("x").shape()
              + ", block_size="
              + b);
    }
    Tensor y;
    if (toSpace) {
      y = Ops.transpose(Ops.reshape(x, n, h, w, b, b, c / (b * b)), 0, 1, 3, 2, 4, 5);
      y = Ops.reshape(y, n, h * b, w * b, c / (b * b));
    } else {
      y = Ops.transpose(Ops.reshape(x, n, h / b, b, w / b, b, c), 0, 1, 3, 2, 4, 5);
      y = Ops.reshape(y, n, h / b, w / b, c * b * b);
    }
    return first ? DataFormat.toFirst(y, 2) : y;
  }
}
