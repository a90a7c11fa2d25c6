"""What is known of fields before any event is seen: ECS, declared schemas, analysers."""
