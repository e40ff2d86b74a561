package io.weft.systems.retro;

import io.weft.error.ConfigException;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A memory of chunks, searched for those most like a given one (Borgeaud et al. 2021, 2.3). What is
 * found is the chunk and the one that follows it. A chunk is known by its terms, a set of integers:
 * two are the more alike the more terms they share. (The paper compares vectors that BERT made; an
 * index of terms needs no other model and is searched without reading every chunk.)
 */
public final class ChunkRetriever {
  private final int chunk;
  private final int stride;
  private final int padding;
  private final Function<int[], int[]> terms;
  private final List<int[]> documents = new ArrayList<>();
  private final List<int[]> places = new ArrayList<>();
  private final Map<Integer, Numbers> holding = new HashMap<>();

  /** A growing list of chunk numbers. */
  private static final class Numbers {
    private int[] values = new int[4];
    private int size;

    private void add(int value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
    }
  }

  /** Says which chunks of the memory may be found. */
  @FunctionalInterface
  public interface Allowed {
    /** Whether the chunk of a document that begins at a token may be found. */
    boolean test(int document, int start);
  }

  /**
   * An empty memory.
   *
   * @param chunk tokens in a chunk
   * @param stride from the beginning of one chunk of the memory to the next: {@code chunk} for each
   *     token once, less to find chunks at more places
   * @param padding the token that stands for none
   * @param terms of a chunk, each once; see {@link #suffixes}
   */
  public ChunkRetriever(int chunk, int stride, int padding, Function<int[], int[]> terms) {
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
    this.terms = terms;
  }

  /** Puts a text into the memory; the number it has there, from 0. */
  public int add(int[] tokens) {
    int document = documents.size();
    documents.add(tokens.clone());
    for (int at = 0; at + chunk <= tokens.length; at += stride) {
      for (int term : terms.apply(Arrays.copyOfRange(tokens, at, at + chunk))) {
        holding.computeIfAbsent(term, t -> new Numbers()).add(places.size());
      }
      places.add(new int[] {document, at});
    }
    return document;
  }

  /** The number of chunks in the memory. */
  public int size() {
    return places.size();
  }

  /**
   * The k best chunks for one, each with the one that follows: {@code k × 2 · chunk} tokens, filled
   * with padding; the best first, of equals the first put in. Chunks that share nothing are not
   * found.
   *
   * @param allowed which may be found: a text must not find itself, nor what comes after it
   */
  public int[][] search(int[] wanted, int k, Allowed allowed) {
    // only chunks that hold a term are looked at: a memory has many more
    int[] shared = new int[places.size()];
    Numbers holders = new Numbers();
    for (int term : terms.apply(wanted)) {
      Numbers all = holding.get(term);
      for (int i = 0; all != null && i < all.size; i++) {
        if (shared[all.values[i]]++ == 0) {
          holders.add(all.values[i]);
        }
      }
    }
    int[] best = new int[k];
    int[] which = new int[k];
    for (int h = 0; h < holders.size; h++) {
      int i = holders.values[h];
      int at = k;
      while (at > 0
          && (shared[i] > best[at - 1] || shared[i] == best[at - 1] && i < which[at - 1])) {
        at--;
      }
      if (at < k && allowed.test(places.get(i)[0], places.get(i)[1])) {
        System.arraycopy(best, at, best, at + 1, k - 1 - at);
        System.arraycopy(which, at, which, at + 1, k - 1 - at);
        best[at] = shared[i];
        which[at] = i;
      }
    }
    int[][] found = new int[k][2 * chunk];
    for (int i = 0; i < k; i++) {
      Arrays.fill(found[i], padding);
      if (best[i] > 0) {
        int[] place = places.get(which[i]);
        int[] text = documents.get(place[0]);
        int n = Math.min(2 * chunk, text.length - place[1]);
        System.arraycopy(text, place[1], found[i], 0, n);
      }
    }
    return found;
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
   * Terms by the end of a chunk: one for each of its last {@code shortest … longest} tokens,
   * hashed, so that chunks share the more the further they agree from their ends backwards.
   */
  public static Function<int[], int[]> suffixes(int shortest, int longest) {
    return chunk -> {
      int last = Math.min(longest, chunk.length);
      int[] all = new int[Math.max(0, last - shortest + 1)];
      int hash = 17;
      for (int i = 1; i <= last; i++) {
        hash = (hash * 31 + chunk[chunk.length - i]) * 0x9E3779B1;
        if (i >= shortest) {
          all[i - shortest] = hash;
        }
      }
      return all;
    };
  }
}
