"""The corpus: sampled at the roots, cleaned, published, and measured."""
