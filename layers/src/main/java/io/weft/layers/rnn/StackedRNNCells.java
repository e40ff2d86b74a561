package io.weft.layers.rnn;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Several cells as one: the output of each is the input of the next.
 *
 * <p>Inputs: {@code (batch, features)} and the states of all cells in order. Outputs: the last
 * cell's output, then all new states. Weights: those of the cells.
 */
public final class StackedRNNCells extends RnnCell {
  public static final LayerType<StackedRNNCells> TYPE =
      LayerType.keras("StackedRNNCells", StackedRNNCells::new)
          .inputs("inputs", "states")
          .args("training");

  private static final String PREPARED = "cells";

  private final List<RnnCell> cells;

  /** A stack of cells, the first one nearest to the input. */
  public StackedRNNCells(List<? extends RnnCell> cells) {
    this(Config.of("cells", cells));
  }

  /** Restores a stack from its config. */
  public StackedRNNCells(Config config) {
    super(TYPE, config);
    cells = trackAll("cells", args.objects("cells", RnnCell.class));
    if (cells.isEmpty()) {
      throw args.refuse("cells", "a list of at least one cell");
    }
  }

  @Override
  public List<Shape> stateShapes() {
    return cells.stream().flatMap(c -> c.stateShapes().stream()).toList();
  }

  @Override
  public Shape outputSize() {
    return cells.get(cells.size() - 1).outputSize();
  }

  @Override
  public List<Tensor> initialState(int batch) {
    return cells.stream().flatMap(c -> c.initialState(batch).stream()).toList();
  }

  @Override
  public List<Object> stateStructure(List<Tensor> flat) {
    List<Object> nest = new ArrayList<>();
    int at = 0;
    for (RnnCell c : cells) {
      int n = c.stateShapes().size();
      nest.add(c.stateStructure(flat.subList(at, at + n)));
      at += n;
    }
    return nest;
  }

  @Override
  protected void build(BuildContext b) {
    Shape in = b.input();
    int batch = in.dim(0);
    for (RnnCell c : cells) {
      b.build(c, in);
      in = Shape.of(batch).plus(c.outputSize().dims());
    }
  }

  @Override
  protected CallArgs beforeSteps(Tensor firstInput, List<Tensor> states, CallContext ctx) {
    List<CallArgs> prepared = new ArrayList<>();
    Tensor x = firstInput;
    int at = 0;
    for (RnnCell c : cells) {
      int n = c.stateShapes().size();
      List<Tensor> own = states.subList(at, at + n);
      prepared.add(c.beforeSteps(x, own, ctx));
      x = own.get(0);
      at += n;
    }
    return ctx.forward("training").with(PREPARED, prepared);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    List<Tensor> states = statesOf(inputs);
    List<Tensor> next = new ArrayList<>();
    Tensor x = inputs.get(0);
    int at = 0;
    for (int i = 0; i < cells.size(); i++) {
      RnnCell c = cells.get(i);
      List<Tensor> in = new ArrayList<>(List.of(x));
      int n = c.stateShapes().size();
      in.addAll(states.subList(at, at + n));
      at += n;
      CallArgs call =
          ctx.args().get(PREPARED) instanceof List<?> l
              ? (CallArgs) l.get(i)
              : ctx.forward("training");
      List<Tensor> out = c.applyAll(in, call);
      x = out.get(0);
      next.addAll(out.subList(1, n + 1));
    }
    next.add(0, x);
    return next;
  }
}
