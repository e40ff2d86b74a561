/** Blocks and models of Hugging Face transformers: BERT, BART, T5. */
package io.weft.systems.bert;
