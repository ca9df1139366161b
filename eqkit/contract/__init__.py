"""An OpenAPI document: loaded, its operations, its validators and its examples."""
