"""An invented town: people in households, with the fingers that age and work have left them."""
