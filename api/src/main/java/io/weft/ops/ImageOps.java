package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** Functions of {@code keras.ops.image}. */
final class ImageOps {
  private ImageOps() {}

  static List<PublicOp> table() {
    Table t = new Table("image");
    color(t, "rgb_to_grayscale", "RGBToGrayscale", Colors::rgbToGrayscale);
    color(t, "rgb_to_hsv", "RGBToHSV", Colors::rgbToHsv);
    color(t, "hsv_to_rgb", "HSVToRGB", Colors::hsvToRgb);
    t.op(
        "image.resize",
        "Resize",
        "images | size, interpolation=\"bilinear\", antialias=False, crop_to_aspect_ratio=False,"
            + " pad_to_aspect_ratio=False, fill_mode=\"constant\", fill_value=0.0,"
            + " data_format=None",
        ImageOps::resize);
    t.op(
        "image.scale_and_translate",
        "ScaleAndTranslate",
        "images, output_shape, scale, translation | spatial_dims, method, antialias=True",
        a ->
            Resizing.scaleAndTranslate(
                a.tensor("images"),
                a.requiredInts("output_shape"),
                a.tensor("scale"),
                a.tensor("translation"),
                a.requiredInts("spatial_dims"),
                a.string("method"),
                a.bool("antialias")));
    t.op(
        "image.affine_transform",
        "AffineTransform",
        "images, transform | interpolation=\"bilinear\", fill_mode=\"constant\", fill_value=0,"
            + " data_format=None",
        ImageOps::affine);
    t.op(
        "image.perspective_transform",
        "PerspectiveTransform",
        "images, start_points, end_points | interpolation=\"bilinear\", fill_value=0,"
            + " data_format=None",
        ImageOps::perspective);
    t.op(
        "image.map_coordinates",
        "MapCoordinates",
        "inputs, coordinates | order, fill_mode=\"constant\", fill_value=0",
        a ->
            Coordinates.map(
                a.tensor("inputs"),
                a.tensor("coordinates"),
                a.integer("order"),
                a.string("fill_mode"),
                a.number("fill_value")));
    t.op(
        "image.gaussian_blur",
        "GaussianBlur",
        "images | kernel_size=(3, 3), sigma=(1.0, 1.0), data_format=None",
        a -> batch(a, x -> ImageFilters.gaussianBlur(x, kernel(a), sigma(a))));
    t.op(
        "image.elastic_transform",
        "ElasticTransform",
        "images | alpha=20.0, sigma=5.0, interpolation=\"bilinear\", fill_mode=\"reflect\","
            + " fill_value=0.0, seed=None, data_format=None",
        a ->
            batch(
                a,
                x ->
                    Coordinates.elastic(
                        x,
                        a.number("alpha"),
                        a.number("sigma"),
                        a.string("interpolation"),
                        a.string("fill_mode"),
                        a.number("fill_value"),
                        Coordinates.key(a.raw("seed")))));
    t.op(
        "image.sobel_edges",
        "SobelEdges",
        "images | data_format=None",
        a -> {
          Tensor x = a.tensor("images");
          boolean first = DataFormat.channelsFirst(a);
          if (x.rank() != 4) {
            throw new ShapeException(
                "sobel_edges: expected images of rank 4. Received: " + x.shape());
          }
          Tensor y = ImageFilters.sobelEdges(first ? DataFormat.toLast(x, 2) : x);
          return first ? Ops.transpose(y, 0, 3, 1, 2, 4) : y;
        });
    t.op(
        "image.ssim",
        "SSIM",
        "image1, image2 | max_val=1.0, filter_size=11, filter_sigma=1.5, k1=0.01, k2=0.03,"
            + " data_format=None",
        ImageOps::ssim);
    return t.list();
  }

  private static void color(
      Table t, String function, String className, UnaryOperator<Tensor> body) {
    t.op("image." + function, className, "images | data_format=None", a -> batch(a, body));
  }

  private static Tensor batch(OpArgs a, UnaryOperator<Tensor> body) {
    return ImageBatch.apply(a, a.tensor("images"), 2, body);
  }

  private static int[] pair(OpArgs a, String name) {
    int[] p = a.requiredInts(name);
    if (p.length != 2) {
      throw new ConfigException(
          a.function() + ": " + name + " must be two integers. Received: " + a.raw(name));
    }
    return p;
  }

  private static int[] kernel(OpArgs a) {
    return Convolutions.perAxis("kernel_size", pair(a, "kernel_size"), 2);
  }

  private static double[] sigma(OpArgs a) {
    double[] s = Ops.cast(a.tensor("sigma"), DType.FLOAT64).toDoubleArray();
    return s.length == 2 ? s : new double[] {s[0], s[0]};
  }

  private static Tensor resize(OpArgs a) {
    int[] size = pair(a, "size");
    boolean crop = a.bool("crop_to_aspect_ratio");
    boolean pad = a.bool("pad_to_aspect_ratio");
    if (crop && pad) {
      throw new ConfigException(
          "resize: only one of crop_to_aspect_ratio and pad_to_aspect_ratio may be true.");
    }
    if (!a.string("fill_mode").equals("constant")) {
      throw new ConfigException(
          "resize: fill_mode must be 'constant'. Received: fill_mode='"
              + a.string("fill_mode")
              + "'");
    }
    Resizing.Aspect aspect =
        crop ? Resizing.Aspect.CROP : pad ? Resizing.Aspect.PAD : Resizing.Aspect.STRETCH;
    return batch(
        a,
        x ->
            Resizing.resize(
                x,
                size[0],
                size[1],
                a.string("interpolation"),
                a.bool("antialias"),
                aspect,
                a.number("fill_value")));
  }

  private static Tensor affine(OpArgs a) {
    Tensor t = a.tensor("transform");
    Tensor transform = t.rank() == 1 ? Ops.expandDims(t, 0) : t;
    return batch(
        a,
        x ->
            Warps.affine(
                x,
                transform,
                a.string("interpolation"),
                a.string("fill_mode"),
                a.number("fill_value")));
  }

  private static Tensor perspective(OpArgs a) {
    Tensor transform = Warps.homography(points(a, "start_points"), points(a, "end_points"));
    return batch(
        a,
        x ->
            Warps.affine(
                x, transform, a.string("interpolation"), "constant", a.number("fill_value")));
  }

  private static Tensor points(OpArgs a, String name) {
    Tensor p = Ops.cast(a.tensor(name), DType.FLOAT32);
    p = p.rank() == 2 ? Ops.expandDims(p, 0) : p;
    if (p.rank() != 3 || p.dim(1) != 4 || p.dim(2) != 2) {
      throw new ShapeException(
          "perspective_transform: expected "
              + name
              + " (4, 2) or (batch, 4, 2). Received: "
              + a.tensor(name).shape());
    }
    return p;
  }

  private static Tensor ssim(OpArgs a) {
    Tensor x = a.tensor("image1");
    Tensor y = a.tensor("image2");
    if (x.rank() != 3 && x.rank() != 4) {
      throw new ShapeException("ssim: expected images of rank 3 or 4. Received: " + x.shape());
    }
    boolean first = DataFormat.channelsFirst(a);
    x = x.rank() == 3 ? Ops.expandDims(x, 0) : x;
    y = y.rank() == 3 ? Ops.expandDims(y, 0) : y;
    Tensor s =
        ImageFilters.ssim(
            first ? DataFormat.toLast(x, 2) : x,
            first ? DataFormat.toLast(y, 2) : y,
            a.number("max_val"),
            a.integer("filter_size"),
            a.number("filter_sigma"),
            a.number("k1"),
            a.number("k2"));
    return a.tensor("image1").rank() == 3 ? Ops.reshape(s) : s;
  }
}
