"""The room for answers to the control plane at /_mock: no document asks for any yet."""
