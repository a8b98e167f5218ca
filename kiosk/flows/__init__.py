"""What happens at the desk, as coroutines: they decide and are free of Kivy; screens draw, devices obey."""
