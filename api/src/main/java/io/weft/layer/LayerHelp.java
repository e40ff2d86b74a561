package io.weft.layer;

import io.weft.config.Parameters;
import java.util.ArrayList;
import java.util.List;

/** The help text of a layer, made of its declarations. */
final class LayerHelp {
  private LayerHelp() {}

  static String of(Layer layer) {
    Parameters p = layer.parameters();
    StringBuilder s = new StringBuilder("Help on layer ").append(layer.label()).append(":\n\n");
    s.append(p.signature()).append("\n\nArguments:\n");
    s.append(p.arguments());
    s.append("    name, trainable, dtype, activity_regularizer: as every layer\n\nCall:\n    ");
    s.append(callSignature(layer.type()).replace("\n", "\n    "));
    s.append("\n\nMasks: ").append(layer.supportsMasking() ? "handed on" : "dropped");
    for (io.weft.tensor.Variable v : layer.weights()) {
      s.append("\nWeight ").append(v.path()).append(": ").append(v.spec());
    }
    return s.append('\n').toString();
  }

  /** Tensors of the call, then keyword arguments with their defaults. */
  static String callSignature(LayerType<?> type) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < type.callArgs().size(); i++) {
      String name = type.callArgs().get(i);
      boolean flag =
          name.equals("training") || name.startsWith("use_") || name.startsWith("return_");
      parts.add(i < type.requiredArgs() ? name : name + "=" + (flag ? "False" : "None"));
    }
    return Parameters.signature(type.className() + ".call", parts);
  }
}
