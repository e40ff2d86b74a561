/** Systems in which one source attends to another: forecasting, diffusion, Perceiver, RETRO … */
module io.weft.systems {
  requires transitive io.weft.models;
  requires io.weft.serialization;

  exports io.weft.systems.aidotnet;
  exports io.weft.systems.allattention;
  exports io.weft.systems.core;
<<<<<<< HEAD
  exports io.weft.systems.diffusers;
=======
  exports io.weft.systems.crossvit;
  exports io.weft.systems.film;
>>>>>>> a20ef6c (Add CrossViT, all-attention with its feed-forward equivalence, FiLM, and freezing all but some layers)
  exports io.weft.systems.weights;
  exports io.weft.systems.fusionlab;

  provides io.weft.config.Catalogue with
      io.weft.systems.SystemsCatalogue;
}
