package io.weft.systems.hip;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.initializers.Zeros;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.models.SubclassedModel;
import io.weft.systems.core.Parts;
import io.weft.systems.perceiver.PerceiverBlock;
import io.weft.systems.perceiver.TrainableQueries;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The Hierarchical Perceiver (Carreira et al. 2022, arXiv 2202.10890) as an autoencoder: elements
 * of each modality are embedded, a learned low-dimensional position is added, groups are formed;
 * {@link HiPBlock}s merge them to one group in the middle and split them again, with the encoder's
 * outputs as skips; positions read the last block and linear maps give each modality back. Trained
 * to restore what was hidden in its inputs, it learns its positions.
 *
 * <p>Inputs: a list with {@code (batch, elements[i], channels[i])} for each modality. Outputs: the
 * same shapes. Arguments: {@code variant} {@code "16"} or {@code "Mini"} for the paper's sizes, or
 * an odd number of {@code groups}, {@code layers}, {@code latents}, {@code widths}, {@code heads},
 * the groups falling to the middle and rising as they fell; {@code embed} features of an element,
 * {@code position} features of a position. Weights, for each modality: embedding, positions, their
 * map, output; then the blocks, the reading block.
 */
public final class HierarchicalPerceiver extends SubclassedModel {
  public static final LayerType<HierarchicalPerceiver> TYPE =
      LayerType.custom("hip", "HierarchicalPerceiver", HierarchicalPerceiver::new)
          .takesList()
          .args("training");

  private record Variant(int[] groups, int[] layers, int[] latents, int[] widths, int[] heads) {}

  private static final Variant SIXTEEN =
      new Variant(
          new int[] {16, 4, 1, 1, 1, 4, 16},
          new int[] {2, 2, 18, 2, 1, 1, 1},
          new int[] {128, 256, 256, 64, 256, 256, 128},
          new int[] {128, 256, 512, 1024, 512, 256, 128},
          new int[] {4, 8, 16, 32, 16, 8, 4});

  private static final Variant MINI =
      new Variant(
          new int[] {16, 1, 16},
          new int[] {2, 2, 2},
          new int[] {128, 64, 128},
          new int[] {128, 1024, 128},
          new int[] {4, 32, 4});

  private final int[] elements;
  private final int[] channels;
  private final Grouper grouper;
  private final List<Dense> embed = new ArrayList<>();
  private final List<TrainableQueries> positions = new ArrayList<>();
  private final List<Dense> project = new ArrayList<>();
  private final List<Dense> outputs = new ArrayList<>();
  private final List<HiPBlock> blocks = new ArrayList<>();
  private final PerceiverBlock read;

  /** Restores a model from its config. */
  public HierarchicalPerceiver(Config config) {
    super(TYPE, config);
    elements = sizes("elements", null);
    channels = sizes("channels", null);
    if (elements.length != channels.length) {
      throw args.refuse("channels", "one number for each of elements=" + Arrays.toString(elements));
    }
    int width = args.positiveInt("embed", 32);
    int position = args.positiveInt("position", 64);
    String name = args.stringOrNull("variant", null);
    if (name != null && !name.equals("16") && !name.equals("Mini")) {
      throw args.refuse("variant", "'16', 'Mini' or null");
    }
    Variant v = name == null ? null : name.equals("16") ? SIXTEEN : MINI;
    Variant own =
        new Variant(
            sizes("groups", v == null ? null : v.groups),
            sizes("layers", v == null ? null : v.layers),
            sizes("latents", v == null ? null : v.latents),
            sizes("widths", v == null ? null : v.widths),
            sizes("heads", v == null ? null : v.heads));
    String regroup = args.oneOf("regroup", "reshape", "reshape", "transpose_reshape");
    check(own);
    grouper = new Grouper(own.groups[0], elements);
    modalities(width, position);
    blocks(own, width, regroup);
    Config c =
        Config.of(
            "q",
            position,
            "kv",
            own.widths[own.widths.length - 1],
            "heads",
            1,
            "widening",
            4,
            "activation",
            "sq_relu",
            "queryResidual",
            false,
            "dtype",
            policy());
    read = track("reconstruct", Layer.fromConfig(PerceiverBlock.TYPE, c));
  }

  private int[] sizes(String key, int[] fallback) {
    int[] s = args.intListOrNull(key, fallback);
    if (s == null || s.length == 0 || Arrays.stream(s).anyMatch(i -> i < 1)) {
      throw args.refuse(key, "positive integers");
    }
    return s;
  }

  private void check(Variant v) {
    int n = v.groups.length;
    for (int[] other : List.of(v.layers, v.latents, v.widths, v.heads)) {
      if (other.length != n || n % 2 == 0) {
        throw args.refuse(
            "groups", "an odd number of blocks, with layers, latents, widths and heads for each");
      }
    }
    for (int i = 0; i < n; i++) {
      if (v.groups[i] * v.latents[i] != v.groups[n - 1 - i] * v.latents[n - 1 - i]
          || v.groups[i] != v.groups[n - 1 - i]) {
        throw args.refuse("groups", "groups and latents that rise as they fell");
      }
      if (i > 0 && v.groups[i - 1] * v.latents[i - 1] % v.groups[i] != 0) {
        throw args.refuse("groups", "numbers that share the latents of the block before evenly");
      }
    }
  }

  private void modalities(int width, int position) {
    for (int i = 0; i < elements.length; i++) {
      embed.add(Parts.dense(width, true, policy()));
      positions.add(
          Layer.fromConfig(
              TrainableQueries.TYPE,
              Config.of("positions", elements[i], "channels", position, "dtype", policy())));
      project.add(Parts.dense(width, true, policy()));
      outputs.add(
          Layer.fromConfig(
              Dense.TYPE,
              Config.of(
                  "units", channels[i], "kernel_initializer", new Zeros(), "dtype", policy())));
    }
    trackAll("embed", embed);
    trackAll("positions", positions);
    trackAll("project", project);
    trackAll("outputs", outputs);
  }

  private void blocks(Variant v, int width, String regroup) {
    int n = v.groups.length;
    for (int i = 0; i < n; i++) {
      Config c =
          Config.of(
              "width_in",
              i == 0 ? width : v.widths[i - 1],
              "groups",
              v.groups[i],
              "latents",
              v.latents[i],
              "width",
              v.widths[i],
              "heads",
              v.heads[i],
              "layers",
              v.layers[i],
              "regroup",
              regroup,
              "skip",
              i > n / 2 ? v.widths[n - 1 - i] : null,
              "dtype",
              policy());
      blocks.add(Layer.fromConfig(HiPBlock.TYPE, c));
    }
    trackAll("blocks", blocks);
  }

  @Override
  protected void build(BuildContext b) {
    // the first call builds the parts, whose shapes follow from one another
  }

  @Override
  public List<String> outputNames() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < elements.length; i++) {
      names.add("modality_" + i);
    }
    return names;
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    if (in.size() != elements.length) {
      throw new ShapeException(
          label()
              + ": expected "
              + elements.length
              + " modalities. Received: "
              + in.size()
              + " inputs.");
    }
    List<Tensor> embedded = new ArrayList<>();
    List<Tensor> queries = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) {
      Tensor p = positions.get(i).apply(in.get(i));
      queries.add(p);
      embedded.add(embed.get(i).apply(in.get(i)).plus(project.get(i).apply(p)));
    }
    Tensor x = grouper.group(embedded);
    List<Tensor> encoded = new ArrayList<>();
    int n = blocks.size();
    for (int i = 0; i < n; i++) {
      HiPBlock block = blocks.get(i);
      x = i > n / 2 ? block.apply(x, encoded.get(n - 1 - i)) : block.apply(x);
      encoded.add(x);
    }
    Tensor q = grouper.group(queries);
    int batch = q.dim(0) * q.dim(1);
    Tensor y =
        read.apply(
            Ops.reshape(q, batch, q.dim(2), q.dim(3)), Ops.reshape(x, batch, x.dim(2), x.dim(3)));
    List<Tensor> parts = grouper.ungroup(Ops.reshape(y, q.dim(0), q.dim(1), q.dim(2), y.dim(2)));
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      out.add(outputs.get(i).apply(parts.get(i)));
    }
    return out;
  }
}
