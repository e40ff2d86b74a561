package io.weft.layers.core;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The shapes that follow from an equation {@code X,Y->Z}, {@code ...X,Y->...Z} or {@code
 * X...,Y->Z...} with an input of shape X and a stated output shape.
 *
 * @param kernel the weight's shape, unknown sizes where the output's are unknown
 * @param bias the bias's shape, or null
 * @param output the output's shape as Keras states it
 * @param inputAxes axes of the kernel that are contracted
 * @param outputAxes axes of the kernel that the output has
 */
record EinsumEquation(
    Shape kernel, Shape bias, Shape output, List<Integer> inputAxes, List<Integer> outputAxes) {
  private static final Pattern PLAIN = Pattern.compile("([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)");
  private static final Pattern LEFT =
      Pattern.compile("\\.\\.\\.([a-zA-Z]+),([a-zA-Z]+)->\\.\\.\\.([a-zA-Z]+)");
  private static final Pattern RIGHT =
      Pattern.compile("([a-zA-Z]{2,})\\.\\.\\.,([a-zA-Z]+)->([a-zA-Z]+)\\.\\.\\.");

  /** The letters of an equation. */
  private record Letters(String in, String weight, String out, boolean left) {}

  private static Letters parse(String who, String equation) {
    for (Pattern p : List.of(PLAIN, LEFT, RIGHT)) {
      Matcher m = p.matcher(equation);
      if (m.matches()) {
        return new Letters(m.group(1), m.group(2), m.group(3), p == LEFT);
      }
    }
    throw new ConfigException(
        who
            + ": equation must be X,Y->Z, ...X,Y->...Z or X...,Y->Z... with letters. Received:"
            + " equation='"
            + equation
            + "'");
  }

  /** Analyzes an equation; {@code outputShape} is without the batch, −1 for unknown sizes. */
  static EinsumEquation of(
      String who, String equation, String biasAxes, Shape input, int[] outputShape) {
    Letters l = parse(who, equation);
    int elided = input.rank() - l.in.length();
    if (elided < 0 || (elided > 0 && !equation.contains("..."))) {
      throw new ShapeException(
          who + ": input must have the axes of '" + equation + "'. Received: shape " + input);
    }
    List<Integer> output = new ArrayList<>();
    output.add(input.dim(0));
    for (int d : outputShape) {
      output.add(d);
    }
    for (int i = 1; i < elided && l.left; i++) {
      output.add(1, input.dim(i)); // the order of Keras, which is not the order of the input
    }
    for (int i = l.in.length(); i < input.rank() && !l.left; i++) {
      output.add(input.dim(i));
    }
    int shift = l.left ? elided : 0;
    if (output.size() < l.out.length() + shift) {
      throw new ConfigException(
          who + ": output_shape must have the axes of '" + equation + "'. Received: " + output);
    }
    check(who, l, input, output, shift);
    List<Integer> kernel = new ArrayList<>();
    List<Integer> inputAxes = new ArrayList<>();
    List<Integer> outputAxes = new ArrayList<>();
    for (int i = 0; i < l.weight.length(); i++) {
      char c = l.weight.charAt(i);
      int o = l.out.indexOf(c);
      (o >= 0 ? outputAxes : inputAxes).add(i);
      kernel.add(o >= 0 ? output.get(o + shift) : input.dim(l.in.indexOf(c) + shift));
    }
    Shape bias =
        biasAxes == null ? null : bias(who, l, biasAxes, output, shift, l.left ? 0 : elided);
    return new EinsumEquation(Shape.of(kernel), bias, Shape.of(output), inputAxes, outputAxes);
  }

  private static void check(String who, Letters l, Shape input, List<Integer> output, int shift) {
    for (int i = 0; i < l.in.length(); i++) {
      int o = l.out.indexOf(l.in.charAt(i));
      if (o >= 0 && output.get(o + shift) >= 0 && input.dim(i + shift) != output.get(o + shift)) {
        throw new ShapeException(
            who
                + ": output_shape must have the input's size at '"
                + l.in.charAt(i)
                + "'. Received: "
                + output.get(o + shift)
                + " for an input of shape "
                + input);
      }
    }
    for (char c : l.out.toCharArray()) {
      if (l.in.indexOf(c) < 0 && l.weight.indexOf(c) < 0) {
        throw new ConfigException(
            who + ": equation: output axis '" + c + "' must stand in the input or the weight.");
      }
    }
    for (char c : l.weight.toCharArray()) {
      if (l.in.indexOf(c) < 0 && l.out.indexOf(c) < 0) {
        throw new ConfigException(
            who + ": equation: weight axis '" + c + "' must stand in the input or the output.");
      }
    }
  }

  private static Shape bias(
      String who, Letters l, String axes, List<Integer> output, int shift, int trailing) {
    int first = l.out.length();
    for (char c : axes.toCharArray()) {
      if (l.out.indexOf(c) < 0) {
        throw new ConfigException(
            who
                + ": bias_axes must be axes of the output '"
                + l.out
                + "'. Received: bias_axes='"
                + axes
                + "'");
      }
      first = Math.min(first, l.out.indexOf(c));
    }
    List<Integer> d = new ArrayList<>();
    for (int i = first; i < l.out.length(); i++) {
      d.add(axes.indexOf(l.out.charAt(i)) >= 0 ? output.get(i + shift) : 1);
    }
    for (int i = 0; i < trailing; i++) {
      d.add(1);
    }
    return Shape.of(d);
  }
}
