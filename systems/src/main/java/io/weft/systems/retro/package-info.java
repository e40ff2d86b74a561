/** RETRO: language models that read neighbours from a memory (Borgeaud et al. 2021). */
package io.weft.systems.retro;
