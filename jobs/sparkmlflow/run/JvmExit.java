package sparkmlflow.run;

/** The end of the JVM, at which a run that is still open has to be ended. */
interface JvmExit {

  /** Starts the thread when the JVM is about to end. */
  void register(Thread hook);

  /** Takes the thread back; without effect once the JVM is ending. */
  void unregister(Thread hook);

  /** This JVM's own end. */
  static JvmExit real() {
    return new JvmExit() {
      @Override
      public void register(Thread hook) {
        Runtime.getRuntime().addShutdownHook(hook);
      }

      @Override
      public void unregister(Thread hook) {
        try {
          Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
          // the hook runs already and sees that the run has ended
        }
      }
    };
  }
}
