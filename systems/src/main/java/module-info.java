/** Systems in which one source attends to another: forecasting, diffusion, Perceiver, RETRO … */
module io.weft.systems {
  requires transitive io.weft.models;
  requires io.weft.serialization;

  exports io.weft.systems.aidotnet;
  exports io.weft.systems.allattention;
  exports io.weft.systems.core;
  exports io.weft.systems.diffusers;
  exports io.weft.systems.crossvit;
  exports io.weft.systems.film;
  exports io.weft.systems.weights;
  exports io.weft.systems.fusionlab;

  provides io.weft.config.Catalogue with
      io.weft.systems.SystemsCatalogue;
}
