/** Systems in which one source attends to another: forecasting, diffusion, Perceiver, RETRO … */
module io.weft.systems {
  requires transitive io.weft.models;
  requires io.weft.serialization;

  exports io.weft.systems.aidotnet;
  exports io.weft.systems.allattention;
  exports io.weft.systems.bert;
  exports io.weft.systems.core;
  exports io.weft.systems.crossvit;
  exports io.weft.systems.diffusers;
  exports io.weft.systems.film;
  exports io.weft.systems.fusionlab;
  exports io.weft.systems.hip;
  exports io.weft.systems.perceiver;
  exports io.weft.systems.retro;
  exports io.weft.systems.selfdoc;
  exports io.weft.systems.transformer;
  exports io.weft.systems.weights;

  provides io.weft.config.Catalogue with
      io.weft.systems.SystemsCatalogue;
}
