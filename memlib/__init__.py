"""Memorizing networks, built step by step from the proofs, and certified."""

from memlib.claim import Claim
from memlib.evidence import Counterexample
from memlib.methods import memorize, methods
from memlib.network import Layer, Network
from memlib.points import HypothesisError

__all__ = ["Claim", "Counterexample", "HypothesisError", "Layer", "Network", "memorize", "methods"]
