"""A contract's examples, or recorded traffic, in the formats of other tools: msw, HAR, Postman, Pact."""
