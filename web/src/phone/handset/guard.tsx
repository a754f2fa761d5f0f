import { Component, type ReactNode } from 'react';

/** What a business sends is not ours: a message that cannot be drawn must not take the phone with it. */
export class Guard extends Component<{ children: ReactNode; instead: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override render() {
    return this.state.failed ? this.props.instead : this.props.children;
  }
}
