"""The record of every act: content-addressed objects, a chain of immutable entries, and signatures."""
