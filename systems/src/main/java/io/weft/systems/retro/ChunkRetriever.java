package io.weft.systems.retro;

import io.weft.error.ConfigException;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A memory of chunks, searched for those most like a given one (Borgeaud et al. 2021, 2.3). Keys
 * are feature vectors of chunks, compared by their dot product; what is found is the chunk and the
 * one that follows it. All keys are compared, which suits memories up to some 100 000 chunks.
 */
public final class ChunkRetriever {
  private final int chunk;
  private final int stride;
  private final int padding;
  private final Function<int[], float[]> features;
  private final List<int[]> documents = new ArrayList<>();
  private final List<float[]> keys = new ArrayList<>();
  private final List<int[]> places = new ArrayList<>();

  /**
   * An empty memory.
   *
   * @param chunk tokens in a chunk
   * @param stride from the beginning of one chunk of the memory to the next: {@code chunk} for each
   *     token once, less to find chunks at more places
   * @param padding the token that stands for none
   * @param features of a chunk, all of one length
   */
  public ChunkRetriever(int chunk, int stride, int padding, Function<int[], float[]> features) {
    if (chunk < 1 || stride < 1) {
      throw new ConfigException(
          "ChunkRetriever: expected chunk and stride of at least 1. Received: chunk="
              + chunk
              + ", stride="
              + stride);
    }
    this.chunk = chunk;
    this.stride = stride;
    this.padding = padding;
    this.features = features;
  }

  /** Puts a text into the memory; the number it has there, from 0. */
  public int add(int[] tokens) {
    int document = documents.size();
    documents.add(tokens.clone());
    for (int at = 0; at + chunk <= tokens.length; at += stride) {
      keys.add(features.apply(Arrays.copyOfRange(tokens, at, at + chunk)));
      places.add(new int[] {document, at});
    }
    return document;
  }

  /** The number of chunks in the memory. */
  public int size() {
    return keys.size();
  }

  /** Says which chunks of the memory may be found. */
  @FunctionalInterface
  public interface Allowed {
    /** Whether the chunk of a document that begins at a token may be found. */
    boolean test(int document, int start);
  }

  /**
   * The k best chunks for one, each with the one that follows: {@code k × 2 · chunk} tokens, filled
   * with padding; the best first, of equals the first put in.
   *
   * @param allowed which may be found: a text must not find itself, nor what comes after it
   */
  public int[][] search(int[] wanted, int k, Allowed allowed) {
    float[] query = features.apply(wanted);
    double[] best = new double[k];
    int[] which = new int[k];
    Arrays.fill(best, Double.NEGATIVE_INFINITY);
    Arrays.fill(which, -1);
    for (int i = 0; i < keys.size(); i++) {
      int[] place = places.get(i);
      if (!allowed.test(place[0], place[1])) {
        continue;
      }
      double score = dot(query, keys.get(i));
      int at = k;
      while (at > 0 && score > best[at - 1]) {
        at--;
      }
      if (at < k) {
        System.arraycopy(best, at, best, at + 1, k - 1 - at);
        System.arraycopy(which, at, which, at + 1, k - 1 - at);
        best[at] = score;
        which[at] = i;
      }
    }
    int[][] found = new int[k][2 * chunk];
    for (int i = 0; i < k; i++) {
      Arrays.fill(found[i], padding);
      if (which[i] >= 0) {
        int[] place = places.get(which[i]);
        int[] text = documents.get(place[0]);
        int n = Math.min(2 * chunk, text.length - place[1]);
        System.arraycopy(text, place[1], found[i], 0, n);
      }
    }
    return found;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /**
   * The neighbours of every whole chunk of a text, {@code (1, n / chunk, k, 2 · chunk)}, as {@link
   * RetroDecoder} takes them.
   */
  public Tensor neighbours(int[] tokens, int k, Allowed allowed) {
    int chunks = tokens.length / chunk;
    int[] all = new int[chunks * k * 2 * chunk];
    for (int c = 0; c < chunks; c++) {
      int[] wanted = Arrays.copyOfRange(tokens, c * chunk, (c + 1) * chunk);
      int[][] found = search(wanted, k, allowed);
      for (int i = 0; i < k; i++) {
        System.arraycopy(found[i], 0, all, (c * k + i) * 2 * chunk, 2 * chunk);
      }
    }
    return Tensor.of(all, 1, chunks, k, 2 * chunk);
  }

  /**
   * Features of the end of a chunk: one for each of its last 1 … {@code longest} tokens, hashed to
   * {@code size} places, so that the dot product counts how far two chunks agree from their ends
   * backwards.
   */
  public static Function<int[], float[]> suffixes(int longest, int size) {
    return chunk -> {
      float[] f = new float[size];
      int hash = 17;
      for (int i = 1; i <= Math.min(longest, chunk.length); i++) {
        hash = 31 * hash + chunk[chunk.length - i];
        int mixed = hash * 0x9E3779B1;
        f[Math.floorMod(mixed ^ (mixed >>> 15), size)] += 1;
      }
      return f;
    };
  }
}
