package io.weft.systems.hip;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts modalities into groups of one size, never two modalities in one group (Carreira et al. 2022,
 * 3.1). Groups are dealt out one by one to the modality whose groups are largest; what is missing
 * at the end of a group is 0.
 */
public final class Grouper {
  private final int[] elements;
  private final int[] groups;
  private final int size;

  /**
   * Deals out groups.
   *
   * @param total the number of all groups, at least one for each modality
   * @param elements the number of elements of each modality
   */
  public Grouper(int total, int... elements) {
    if (elements.length == 0
        || total < elements.length
        || Arrays.stream(elements).anyMatch(e -> e < 1)) {
      throw new ConfigException(
          "Grouper: expected at least one group for each modality, and elements in each. Received: "
              + total
              + " groups for "
              + Arrays.toString(elements)
              + " elements.");
    }
    this.elements = elements.clone();
    groups = new int[elements.length];
    Arrays.fill(groups, 1);
    for (int given = elements.length; given < total; given++) {
      int largest = 0;
      for (int i = 1; i < groups.length; i++) {
        largest = each(i) > each(largest) ? i : largest;
      }
      groups[largest]++;
    }
    int max = 0;
    for (int i = 0; i < groups.length; i++) {
      max = Math.max(max, each(i));
    }
    size = max;
  }

  private int each(int modality) {
    return (elements[modality] + groups[modality] - 1) / groups[modality];
  }

  /** The number of groups of each modality. */
  public int[] groups() {
    return groups.clone();
  }

  /** The number of elements of each group. */
  public int size() {
    return size;
  }

  /**
   * Arrays {@code (batch, elements, features)} of all modalities as {@code (batch, G, size, …)}.
   */
  public Tensor group(List<Tensor> modalities) {
    List<Tensor> all = new ArrayList<>();
    for (int i = 0; i < elements.length; i++) {
      Tensor x = modalities.get(i);
      if (x.rank() != 3 || x.dim(1) != elements[i]) {
        throw new ShapeException(
            "Grouper: modality "
                + i
                + ": expected (batch, "
                + elements[i]
                + ", features). Received: "
                + x.shape()
                + ".");
      }
      int n = each(i);
      x = Ops.pad(x, new int[][] {{0, 0}, {0, n * groups[i] - elements[i]}, {0, 0}}, 0);
      x = Ops.reshape(x, x.dim(0), groups[i], n, x.dim(2));
      all.add(Ops.pad(x, new int[][] {{0, 0}, {0, 0}, {0, size - n}, {0, 0}}, 0));
    }
    return Ops.concatenate(all, 1);
  }

  /** The arrays that {@link #group} took. */
  public List<Tensor> ungroup(Tensor grouped) {
    List<Tensor> out = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < elements.length; i++) {
      int batch = grouped.dim(0);
      int n = each(i);
      int width = grouped.dim(3);
      Tensor x =
          Ops.slice(grouped, new int[] {0, at, 0, 0}, new int[] {batch, groups[i], n, width});
      at += groups[i];
      x = Ops.reshape(x, batch, groups[i] * n, width);
      out.add(Ops.slice(x, new int[] {0, 0, 0}, new int[] {batch, elements[i], width}));
    }
    return out;
  }
}
