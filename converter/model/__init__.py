"""The intermediate detection model: frozen values in closed unions."""
