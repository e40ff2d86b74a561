package io.weft.systems.perceiver;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes an array of images, sounds, videos or other grids (Jaegle et al. 2021, A): patches become
 * elements, their positions stand beside their values.
 *
 * <p>Input: {@code (batch, sizes…, channels)}. Output: {@code (batch, Π (size / patch), channels ·
 * Π patch + position features)}. {@code size} gives the grid, {@code patch} what is taken together
 * on each axis (default 1), {@code bands} the Fourier bands of positions; with {@code positions =
 * "trainable"} it is {@code position_channels} learned features, with {@code "none"} nothing.
 * Weights: those of the positions if trainable.
 */
public final class ArrayPreprocessor extends UnaryLayer {
  public static final LayerType<ArrayPreprocessor> TYPE =
      LayerType.custom("perceiver", "ArrayPreprocessor", ArrayPreprocessor::new);

  private final int[] size;
  private final int[] patch;
  private final int[] cells;
  private final Layer positions;

  /** With Fourier positions. */
  public ArrayPreprocessor(int bands, int... size) {
    this(Config.of("size", size, "bands", bands));
  }

  /** Restores a layer from its config. */
  public ArrayPreprocessor(Config config) {
    super(TYPE, config);
    size = args.intListOrNull("size", null);
    if (size == null || size.length == 0 || Arrays.stream(size).anyMatch(s -> s < 1)) {
      throw args.refuse("size", "the positive sizes of the grid");
    }
    patch = args.positiveInts("patch", size.length, 1);
    int bands = args.positiveInt("bands", 4);
    int channels = args.positiveInt("position_channels", 32);
    String kind = args.oneOf("positions", "fourier", "fourier", "trainable", "none");
    cells = new int[size.length];
    int count = 1;
    for (int i = 0; i < size.length; i++) {
      if (size[i] % patch[i] != 0) {
        throw args.refuse("patch", "divisors of size=" + Arrays.toString(size));
      }
      cells[i] = size[i] / patch[i];
      count *= cells[i];
    }
    Config c = Config.of("dtype", policy());
    positions =
        switch (kind) {
          case "none" -> null;
          case "trainable" ->
              track(
                  "positions",
                  Layer.fromConfig(
                      TrainableQueries.TYPE,
                      c.plus(Config.of("positions", count, "channels", channels))));
          default ->
              track(
                  "positions",
                  Layer.fromConfig(
                      FourierPositionEncoding.TYPE,
                      c.plus(Config.of("num_bands", bands, "index_dims", cells))));
        };
  }

  @Override
  protected void build(BuildContext b) {
    if (positions != null) {
      b.build(positions, b.input());
    }
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    int axes = size.length;
    if (x.rank() != axes + 2 || !x.shape().slice(1, axes + 1).equals(Shape.of(size))) {
      throw new ShapeException(
          label()
              + ": expected (batch, "
              + Shape.of(size)
              + "…, channels). Received: "
              + x.shape()
              + ".");
    }
    List<Integer> split = new ArrayList<>(List.of(x.dim(0)));
    List<Integer> order = new ArrayList<>(List.of(0));
    int count = 1;
    int features = x.dim(-1);
    for (int i = 0; i < axes; i++) {
      split.add(cells[i]);
      split.add(patch[i]);
      order.add(1 + 2 * i);
      count *= cells[i];
      features *= patch[i];
    }
    for (int i = 0; i < axes; i++) {
      order.add(2 + 2 * i);
    }
    split.add(x.dim(-1));
    order.add(1 + 2 * axes);
    Tensor y = Ops.reshape(x, split.stream().mapToInt(Integer::intValue).toArray());
    y = Ops.transpose(y, order.stream().mapToInt(Integer::intValue).toArray());
    y = Ops.reshape(y, x.dim(0), count, features);
    return positions == null ? y : Ops.concatenate(List.of(y, positions.apply(x)), -1);
  }
}
