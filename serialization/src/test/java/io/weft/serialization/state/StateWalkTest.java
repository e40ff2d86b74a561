package io.weft.serialization.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.serialization.Thing;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateWalkTest {
  private static Thing dense(String name) {
    return new Thing("dense", name);
  }

  /** The worked example of keras-formats.md 4.6: containers, aliases, private attributes. */
  @Test
  void pathsAreThoseOfKeras() {
    Thing a = dense("a");
    Thing b = dense("b");
    Thing c = dense("c");
    Thing d = dense("d");
    Thing e = dense("e");
    Thing head = dense("head");
    Thing hidden = dense("priv");
    Thing tab = dense("k");
    Thing model =
        new Thing("functional", "m")
            .with("_priv", hidden)
            .with("tab", List.of(tab))
            .with("head2", head)
            .with("head", head)
            .with("blocks", List.of(a, List.of(b, List.of(c)), List.of(d, List.of(e))))
            .with("layers", List.of(a, b, c, d, e, head, hidden, tab));
    List<String> seen = new ArrayList<>();
    StateWalk.walk(model, (path, s) -> seen.add(path + "=" + s.name()));
    assertThat(seen)
        .containsExactly(
            "=m",
            "blocks/dense=a",
            "blocks/container/dense=b",
            "blocks/container/container/dense=c",
            "blocks/container_1/dense=d",
            "blocks/container_1/container/dense=e",
            "head=head",
            "layers/dense_6=priv",
            "layers/dense_7=k");
  }
}
