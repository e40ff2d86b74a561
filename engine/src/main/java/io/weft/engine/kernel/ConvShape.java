package io.weft.engine.kernel;

/**
 * Geometry of a convolution or pooling, channels last, 1 to 3 spatial axes held as 3 (missing
 * leading axes have length 1). Input (batch, depth, height, width, channels); filter (kernel depth,
 * kernel height, kernel width, channels / groups, filters); output (batch, out depth, out height,
 * out width, filters). Group g maps channels {@code g·channels/groups …} to filters {@code
 * g·filters/groups …}; a depthwise convolution with multiplier q is {@code groups = channels,
 * filters = q·channels}, and its filter (…, channels, q) has the same memory order.
 *
 * <p>{@code pad} is what lies before the first input element of an axis; what lies behind follows
 * from the output size. Output position o and tap t read input {@code o·stride + t·dilation - pad}.
 */
public final class ConvShape {
  private static final int RUN = 256; // floats

  final int batch;
  final int inD;
  final int inH;
  final int inW;
  final int channels;
  final int kD;
  final int kH;
  final int kW;
  final int filters;
  final int outD;
  final int outH;
  final int outW;
  final int strideD;
  final int strideH;
  final int strideW;
  final int dilationD;
  final int dilationH;
  final int dilationW;
  final int padD;
  final int padH;
  final int padW;
  final int groups;

  /** A geometry; each array has one entry for each spatial axis, 1 to 3 of them. */
  public ConvShape(
      int batch,
      int[] in,
      int channels,
      int[] kernel,
      int filters,
      int[] out,
      int[] stride,
      int[] dilation,
      int[] pad,
      int groups) {
    int rank = in.length;
    if (rank < 1
        || rank > 3
        || kernel.length != rank
        || out.length != rank
        || stride.length != rank
        || dilation.length != rank
        || pad.length != rank) {
      throw new IllegalArgumentException(
          "ConvShape: expected 1 to 3 spatial axes in every array. Received: in of " + rank + ".");
    }
    if (groups < 1 || channels % groups != 0 || filters % groups != 0) {
      throw new IllegalArgumentException(
          "ConvShape: groups must divide channels and filters. Received: groups="
              + groups
              + ", channels="
              + channels
              + ", filters="
              + filters
              + ".");
    }
    this.batch = batch;
    this.channels = channels;
    this.filters = filters;
    this.groups = groups;
    inD = axis(in, 0, 1);
    inH = axis(in, 1, 1);
    inW = axis(in, 2, 1);
    kD = axis(kernel, 0, 1);
    kH = axis(kernel, 1, 1);
    kW = axis(kernel, 2, 1);
    outD = axis(out, 0, 1);
    outH = axis(out, 1, 1);
    outW = axis(out, 2, 1);
    strideD = axis(stride, 0, 1);
    strideH = axis(stride, 1, 1);
    strideW = axis(stride, 2, 1);
    dilationD = axis(dilation, 0, 1);
    dilationH = axis(dilation, 1, 1);
    dilationW = axis(dilation, 2, 1);
    padD = axis(pad, 0, 0);
    padH = axis(pad, 1, 0);
    padW = axis(pad, 2, 0);
  }

  private static int axis(int[] values, int axis, int missing) {
    int i = axis - (3 - values.length);
    return i < 0 ? missing : values[i];
  }

  /** Number of filter taps. */
  public int taps() {
    return kD * kH * kW;
  }

  /** Output positions of one image. */
  public int outPositions() {
    return outD * outH * outW;
  }

  /** Input positions of one image. */
  public int inPositions() {
    return inD * inH * inW;
  }

  /** Elements of the input. */
  public int inputSize() {
    return batch * inPositions() * channels;
  }

  /** Elements of the output. */
  public int outputSize() {
    return batch * outPositions() * filters;
  }

  /** Elements of the filter. */
  public int filterSize() {
    return taps() * (channels / groups) * filters;
  }

  /** Rows of the filter as a matrix, for a convolution without groups. */
  public int filterRows() {
    return taps() * channels;
  }

  /** Columns of the filter as a matrix. */
  public int filterColumns() {
    return filters;
  }

  /** Whether each channel has one filter of its own. */
  public boolean isDepthwise() {
    return groups == channels && filters == channels && groups > 1;
  }

  /** Positions of a depthwise convolution that are worked on at once. */
  public int run() {
    return strideW == 1 ? Math.max(1, Math.min(outW, RUN / Math.max(1, channels))) : 1;
  }

  /** Whether output position p reads exactly input position p: a plain matrix product. */
  boolean isPointwise() {
    return taps() == 1
        && strideD == 1
        && strideH == 1
        && strideW == 1
        && padD == 0
        && padH == 0
        && padW == 0
        && outD == inD
        && outH == inH
        && outW == inW;
  }

  /**
   * The stride-1 convolution over the output gradient that gives the input gradient (with the
   * filter mirrored and its channels exchanged); only when all strides are 1.
   */
  ConvShape mirrored() {
    return new ConvShape(
        batch,
        new int[] {outD, outH, outW},
        filters,
        new int[] {kD, kH, kW},
        channels,
        new int[] {inD, inH, inW},
        new int[] {1, 1, 1},
        new int[] {dilationD, dilationH, dilationW},
        new int[] {
          (kD - 1) * dilationD - padD, (kH - 1) * dilationH - padH, (kW - 1) * dilationW - padW
        },
        groups);
  }
}
