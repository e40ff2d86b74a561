/** The runner that replays cases recorded with Keras. */
module io.weft.conformance {
  requires transitive io.weft.api;
  requires io.weft.models;
  requires io.weft.serialization;
  requires io.weft.systems;

  exports io.weft.conformance;
}
