//! Stage 4: findings in, findings across runs out.
