//! The run over all cores: sources in, one Digest out. The only file that names rayon.
