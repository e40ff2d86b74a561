/** CrossViT: two vision transformers whose class tokens attend to each other's patches. */
package io.weft.systems.crossvit;
