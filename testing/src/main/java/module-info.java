/** Checks that every layer should pass; works with any test framework. */
module io.weft.testing {
  requires transitive io.weft.api;
  requires io.weft.serialization;
  requires org.assertj.core;

  exports io.weft.testing;
}
