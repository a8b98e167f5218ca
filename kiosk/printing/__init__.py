"""What is drawn for paper and plastic. Shaped by the same text engine as the screen."""
