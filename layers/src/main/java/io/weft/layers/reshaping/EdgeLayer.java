package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.DataFormat;
import java.util.ArrayList;
import java.util.List;

/** A layer that adds or takes elements before and after each spatial axis. */
abstract class EdgeLayer extends UnaryLayer {
  private final int[][] edges;
  private final int firstSpatial;

  /**
   * Reads the amounts: one integer for all edges; one entry per axis, each an integer or a pair
   * (before, after); a pair where there is one axis.
   */
  EdgeLayer(
      LayerType<?> type,
      Config config,
      String key,
      int rank,
      Object fallback,
      boolean hasDataFormat) {
    super(type, config);
    edges = new int[rank][];
    Object v = args.any(key, fallback);
    String expected =
        rank == 1
            ? "an integer or a pair of integers, not negative"
            : "an integer or a list of " + rank + " integers or pairs, not negative";
    if (rank == 1) {
      edges[0] = pair(v, key, expected);
      args.note(key, edges[0]);
    } else {
      if (v instanceof List<?> l && l.size() != rank) {
        throw args.refuse(key, expected);
      }
      List<int[]> noted = new ArrayList<>();
      for (int i = 0; i < rank; i++) {
        edges[i] = pair(v instanceof List<?> l ? l.get(i) : v, key, expected);
        noted.add(edges[i]);
      }
      args.note(key, noted);
    }
    firstSpatial = hasDataFormat && DataFormat.channelsFirst(args) ? 2 : 1;
    setInputSpec(InputSpec.rank(rank + 2));
  }

  private int[] pair(Object v, String key, String expected) {
    List<?> l = v instanceof List<?> given ? given : java.util.Arrays.asList(v, v);
    int[] p = new int[2];
    for (int i = 0; i < 2; i++) {
      if (l.size() != 2 || !(l.get(i) instanceof Long n) || n < 0 || n > Integer.MAX_VALUE) {
        throw args.refuse(key, expected);
      }
      p[i] = n.intValue();
    }
    return p;
  }

  /** Amounts before and after for each axis of the input, batch and channels included. */
  final int[][] edges() {
    int[][] all = new int[edges.length + 2][2];
    System.arraycopy(edges, 0, all, firstSpatial, edges.length);
    return all;
  }

  /** The config of the amounts given to a constructor. */
  static Config amounts(String key, int[] n) {
    return n.length == 0 ? Config.EMPTY : Config.of(key, n.length == 1 ? (Object) n[0] : n);
  }
}
