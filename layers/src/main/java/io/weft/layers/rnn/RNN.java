package io.weft.layers.rnn;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import java.util.List;

/**
 * A recurrent layer over any cell.
 *
 * <p>Weights: the cell's. Inputs, output, masks and call arguments: see {@link RecurrentLayer}.
 */
public final class RNN extends RecurrentLayer {
  public static final LayerType<RNN> TYPE = signature(LayerType.keras("RNN", RNN::new));

  /** The last output of a cell, with default options. */
  public RNN(RnnCell cell) {
    this(builder(cell).config());
  }

  /** The last output of a stack of cells, with default options. */
  public RNN(List<? extends RnnCell> cells) {
    this(new StackedRNNCells(cells));
  }

  /** Restores a layer from its config. */
  public RNN(Config config) {
    super(TYPE, config);
    args.any("num_constants", null);
    args.forget("num_constants");
    setCell(args.object("cell", RnnCell.class, null));
  }

  public static Builder builder(RnnCell cell) {
    return new Builder(cell);
  }

  /** Optional settings of {@link RNN}. */
  public static final class Builder extends Layer.Builder<RNN, Builder>
      implements RecurrentOptions<Builder> {
    private Builder(RnnCell cell) {
      set("cell", cell);
    }

    @Override
    public RNN build() {
      return fromConfig(TYPE, config());
    }
  }
}
