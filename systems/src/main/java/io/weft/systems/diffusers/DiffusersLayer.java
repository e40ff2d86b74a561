package io.weft.systems.diffusers;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.error.UnsupportedFeatureException;
import io.weft.layer.BuildConfigs;
import io.weft.layer.BuildContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.Objects;

/** A layer whose weights follow from its arguments alone. */
abstract class DiffusersLayer extends Layer {
  final Parts parts = new Parts(policy());

  DiffusersLayer(LayerType<?> type, Config config) {
    super(type, config);
  }

  @Override
  protected final void build(BuildContext b) {
    parts.build(b);
  }

  /** The main input is enough to build the layer again, whatever else a first call had. */
  @Override
  public final Config getBuildConfig() {
    if (buildShapes().isEmpty() || type().tensorArgs() == 1) {
      return super.getBuildConfig();
    }
    String first = type().callArgs().get(0) + "_shape";
    return Config.of("shapes_dict", Config.of(first, BuildConfigs.sizes(buildShapes().get(0))));
  }

  /** An optional input, null where it is missing. */
  static Tensor at(List<Tensor> inputs, int i) {
    return i < inputs.size() ? inputs.get(i) : null;
  }

  // readers for helpers of this package

  final String string(String key) {
    return args.stringOrNull(key, null);
  }

  final Double number(String key) {
    return args.numberOrNull(key, null);
  }

  /** A flag of which null means its default. */
  final boolean flag(String key, boolean usual) {
    return args.any(key, null) == null ? usual : args.bool(key, usual);
  }

  final io.weft.error.ConfigException refuse(String key, String expected) {
    return args.refuse(key, expected);
  }

  final <L extends Layer> L tracked(String attribute, L layer) {
    return track(attribute, layer);
  }

  final void only(String key, Object value, String wayOut) {
    only(args, label(), key, value, wayOut);
  }

  /** Reads an argument that the original has and this version knows with one value only. */
  static void only(Args args, String who, String key, Object value, String wayOut) {
    Object given = args.any(key, value);
    if (!Objects.equals(given, Config.of("v", value).get("v"))) {
      throw new UnsupportedFeatureException(
          who
              + ": expected "
              + key
              + "="
              + Config.text(value)
              + ". Received: "
              + Config.text(given)
              + ". "
              + wayOut);
    }
  }
}
