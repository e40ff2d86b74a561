package io.weft.systems.diffusers;

import io.weft.systems.weights.Renaming;
import java.util.List;

/**
 * What the checkpoints of CompVis and Stability AI call the parts of a U-Net: {@code
 * input_blocks.4.0.in_layers.2} is {@code down_blocks.1.resnets.0.conv1}.
 */
final class CompVisNames {
  private static final String[][] RESNET = {
    {"in_layers.0", "norm1"},
    {"in_layers.2", "conv1"},
    {"emb_layers.1", "time_emb_proj"},
    {"out_layers.0", "norm2"},
    {"out_layers.3", "conv2"},
    {"skip_connection", "conv_shortcut"}
  };

  private final String prefix;
  private Renaming names = Renaming.NONE;

  private CompVisNames(String prefix) {
    this.prefix = prefix;
  }

  /** The table for a model of these levels; {@code prefix} is empty or ends with a dot. */
  static Renaming of(String prefix, List<UNetBlock> down, UNetBlock mid, List<UNetBlock> up) {
    CompVisNames n = new CompVisNames(prefix);
    n.row("time_embed.0", "time_embedding.linear_1");
    n.row("time_embed.2", "time_embedding.linear_2");
    n.row("input_blocks.0.0", "conv_in");
    n.row("out.0", "conv_norm_out");
    n.row("out.2", "conv_out");
    int k = 1;
    for (int i = 0; i < down.size(); i++) {
      String ours = "down_blocks." + i;
      for (int j = 0; j < down.get(i).resnets().size(); j++) {
        n.pair("input_blocks." + k++, ours, j, down.get(i));
      }
      if (down.get(i).sampler() != null) {
        n.row("input_blocks." + k++ + ".0.op", ours + ".downsamplers.0.conv");
      }
    }
    if (mid != null) {
      n.resnet("middle_block.0", "mid_block.resnets.0");
      if (!mid.attentions().isEmpty()) {
        n.row("middle_block.1", "mid_block.attentions.0");
        n.resnet("middle_block.2", "mid_block.resnets.1");
      }
    }
    k = 0;
    for (int i = 0; i < up.size(); i++) {
      String ours = "up_blocks." + i;
      UNetBlock b = up.get(i);
      for (int j = 0; j < b.resnets().size(); j++) {
        n.pair("output_blocks." + k, ours, j, b);
        if (j == b.resnets().size() - 1 && b.sampler() != null) {
          int at = b.attentions().isEmpty() ? 1 : 2;
          n.row("output_blocks." + k + "." + at + ".conv", ours + ".upsamplers.0.conv");
        }
        k++;
      }
    }
    return n.names;
  }

  private void pair(String theirs, String ours, int j, UNetBlock b) {
    resnet(theirs + ".0", ours + ".resnets." + j);
    if (!b.attentions().isEmpty()) {
      row(theirs + ".1", ours + ".attentions." + j);
    }
  }

  private void resnet(String theirs, String ours) {
    for (String[] r : RESNET) {
      row(theirs + "." + r[0], ours + "." + r[1]);
    }
  }

  private void row(String theirs, String ours) {
    names = names.with(prefix + theirs, ours);
  }
}
