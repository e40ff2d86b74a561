/** All of Weft. */
module io.weft {
  requires transitive io.weft.api;
  requires transitive io.weft.engine;
  requires transitive io.weft.layers;
  requires transitive io.weft.models;
  requires transitive io.weft.serialization;
}
