"""The answers that a contract gives by itself: values made of its schemas."""
