"""From a grey picture of a finger to its minutiae, in named stages."""
